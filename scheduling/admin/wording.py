"""Schedules, statuses and error codes in the reader's words."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scheduling.acts.runs import TaskDeletedError, no_window_text
from scheduling.acts.task_rules import reader_language
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import Calendar, IncompleteTaskError, RunStatus, ScheduledTask
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.describe import describe
from scheduling.schedule.errors import ScheduleError
from tenants.admin.labels import Colour, label

COLOURS: dict[str, Colour] = {
    RunStatus.QUEUED: "info",
    RunStatus.RUNNING: "info",
    RunStatus.SUCCESS: "success",
    RunStatus.FAILED: "danger",
    RunStatus.SKIPPED: "default",
    RunStatus.MISSED: "warning",
    RunStatus.CANCELED: "default",
}
STATUSES = dict(RunStatus.choices)

ERROR_CODES = {
    "overlap": _("The run before was not finished."),
    "misfire": _("Its time was reached too late."),
    "calendar": _("The calendar leaves this day out."),
    "disabled": _("The task was switched off."),
    "timeout": _("It took longer than its time limit."),
    "canceled": _("It was canceled."),
    "http_status": _("The webhook answered with an error status."),
    "connect_error": _("The other side could not be reached."),
    "address_refused": _("The address lies in a network that this platform must not call."),
    "response_too_large": _("The answer was too large."),
    "dify_failed": _("Dify reported a failure."),
    "dify_auth": _("Dify refused the API key."),
    "dify_rate": _("Dify asked to slow down."),
    "dify_outcome_unknown": _("How the workflow ended in Dify is unknown."),
    "dify_paused": _("The workflow waits for a person in Dify."),
    "config_error": _("The task's settings are wrong."),
    "worker_lost": _("The worker died while it ran."),
    "internal_error": _("A fault of the platform: please report this."),
    "cpu_limit": _("The script used up its CPU time."),
    "memory_limit": _("The script used up its memory."),
    "disk_limit": _("The script wrote too much."),
    "call_limit": _("The script called the platform too often."),
    "result_limit": _("The result is too large, or nested too deeply."),
    "script_error": _("The script raised an exception."),
    "syntax_error": _("The script is not valid Python."),
    "deps_error": _("A dependency could not be installed."),
    "sandbox_unavailable": _("This worker has no sandbox strong enough."),
    "sandbox_lost": _("The sandbox died."),
}


def status_label(status: str) -> str:
    return label(STATUSES.get(status, status), COLOURS.get(status, "default")) if status else ""


def duration(milliseconds: int | None) -> str:
    return "" if milliseconds is None else f"{milliseconds / 1000:,.2f} s"


def error_text(code: str) -> str:
    return str(ERROR_CODES.get(code, code))


def calendar_name(tenant_id: str | None, code: str) -> str:
    """Return the calendar's name; its code where there is no such calendar any more."""
    rows = Calendar.objects.filter(Q(tenant=None) | Q(tenant_id=tenant_id), code=code)
    named = {row.tenant_id: row.shown_name for row in rows}
    return named.get(tenant_id) or named.get(None) or code


def schedule_text(task: ScheduledTask) -> str:
    try:
        return describe(schedule_of(task), reader_language())
    except ScheduleError as error:  # the row was edited by other means
        return error.text(reader_language())


def refusal_text(error: IncompleteTaskError | NoWindowError | TaskDeletedError) -> str:
    """Return why no run can begin, in the reader's language."""
    if isinstance(error, NoWindowError):
        return no_window_text(error)
    if isinstance(error, TaskDeletedError):
        return str(error)
    names = [str(ScheduledTask._meta.get_field(column).verbose_name) for column in error.columns]  # type: ignore[union-attr]
    return gettext("The task lacks what a run needs: %(columns)s.") % {"columns": ", ".join(names)}
