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
    "overlap": _("The previous run had not ended."),
    "misfire": _("The due time was reached too late: its grace was over."),
    "calendar": _("The calendar excludes this day."),
    "disabled": _("The task was disabled."),
    "timeout": _("The run exceeded its time limit."),
    "canceled": _("The run was canceled."),
    "http_status": _("The webhook returned an error status."),
    "webhook_failed": _("The webhook's answer does not meet the success condition."),
    "connect_error": _("The server could not be reached."),
    "address_refused": _(
        "The address is in a network that the platform is not allowed to call; the operator can "
        "allow it with OUTBOUND_ALLOWED_NETWORKS."
    ),
    "response_too_large": _("The response was too large."),
    "dify_failed": _("Dify reported a failure."),
    "dify_auth": _("Dify refused the API key."),
    "dify_rate": _("Dify's rate limit was exceeded."),
    "dify_outcome_unknown": _("It is unknown how the workflow ended in Dify."),
    "dify_paused": _("The workflow is waiting for a person in Dify."),
    "config_error": _("The task's settings are invalid."),
    "worker_lost": _("The worker was lost during the run."),
    "internal_error": _("The platform had an internal error: please report it to the operator."),
    "cpu_limit": _("The script used up its CPU time."),
    "memory_limit": _("The script used up its memory."),
    "disk_limit": _("The script wrote too much data."),
    "call_limit": _("The script made too many calls to the platform."),
    "result_limit": _("The result is too large, or nested too deeply."),
    "script_error": _("The script raised an exception."),
    "syntax_error": _("The script is not valid Python."),
    "deps_error": _("A dependency could not be installed."),
    "sandbox_unavailable": _("The worker's sandbox is not strong enough."),
    "sandbox_lost": _("The sandbox ended unexpectedly."),
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
    return gettext("Fill in these fields before the task can run: %(columns)s.") % {
        "columns": ", ".join(names)
    }
