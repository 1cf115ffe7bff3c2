"""The default Dify task's page, for superusers. It is what the home page was in the first of the two old systems."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminTextInputWidget

from scheduling.acts import default_task
from scheduling.acts import runs as run_acts
from scheduling.acts.task_rules import InvalidTaskError, require_valid
from scheduling.admin.backfill_form import MinutesInput
from scheduling.admin.wording import duration, error_text, refusal_text, status_label
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import UNFINISHED, IncompleteTaskError, Run, ScheduledTask, runs_of
from tenants.admin.access import actor
from tenants.admin.base import ScopedAdmin
from tenants.admin.labels import moment
from tenants.admin.write_only import WriteOnlyForm

if TYPE_CHECKING:
    Form = forms.Form
else:
    from django.forms import Form

COLUMNS = ("interval_minutes", "dify_url", "dify_api_key")


class ConfigForm(WriteOnlyForm):
    class Meta:
        model = ScheduledTask
        fields = COLUMNS
        widgets = {
            "interval_minutes": UnfoldAdminIntegerFieldWidget,
            "dify_url": UnfoldAdminTextInputWidget,
        }

    def _post_clean(self) -> None:
        """Check the whole task, at Django's hook after the instance has been filled in."""
        super()._post_clean()  # type: ignore[misc]
        try:
            require_valid(self.instance)
        except InvalidTaskError as error:
            for problem in error.problems:
                self.add_error(problem.field if problem.field in self.fields else None, problem.message)


class StartForm(Form):
    start_time = forms.DateTimeField(
        label=_("start time"),
        required=False,
        widget=MinutesInput,
        help_text=_("Leave empty to continue from where it stopped."),
    )


class DefaultTaskPages(ScopedAdmin):
    def get_urls(self) -> list[Any]:
        views = {
            "": self.home_view,
            "live/": self.live_view,
            "config/": self.config_view,
            "start/": self.start_view,
        }
        views |= {"stop/": self.stop_view, "execute/": self.execute_view}
        ours = [
            path(
                f"default/{page}", self.admin_site.admin_view(view), name=self.url_name(f"default{page[:-1]}")
            )
            for page, view in views.items()
        ]
        return [*ours, *super().get_urls()]

    def home_view(self, request: HttpRequest) -> HttpResponse:
        _require_superuser(request)
        return self._home(request, ConfigForm(instance=_task()), StartForm())

    def _home(self, request: HttpRequest, config: ConfigForm, start: StartForm) -> HttpResponse:
        forms_and_state = {
            "config": config,
            "start": start,
            "urls": self._addresses(),
            **_state(timezone.now()),
        }
        return self.show(request, "platform/default_task.html", _("Default Dify task"), **forms_and_state)

    def _addresses(self) -> dict[str, str]:
        return {page: self.url(f"default{page}") for page in ("live", "config", "start", "stop", "execute")}

    def live_view(self, request: HttpRequest) -> HttpResponse:
        """Show the part of the page that it fetches again and again."""
        _require_superuser(request)
        return TemplateResponse(request, "platform/default_task_live.html", _state(timezone.now()))

    def config_view(self, request: HttpRequest) -> HttpResponse:
        if refused := _refused(request):
            return refused
        form = ConfigForm(request.POST, instance=_task())
        if not form.is_valid():
            return self._home(request, form, StartForm())
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        default_task.configure(changed, actor(request), timezone.now())
        return self._done(request, gettext("The settings are saved."))

    def start_view(self, request: HttpRequest) -> HttpResponse:
        if refused := _refused(request):
            return refused
        now = timezone.now()
        with timezone.override(ZoneInfo(_task().timezone)):
            form = StartForm(request.POST)
            if not form.is_valid():
                return self._home(request, ConfigForm(instance=_task()), form)
        try:
            task = default_task.start(form.cleaned_data["start_time"], actor(request), now)
        except IncompleteTaskError:
            return self._done(request, gettext("Enter the address and the API key first."), messages.ERROR)
        late = default_task.windows_behind(task, now)
        behind = gettext("The task is catching up on %(count)d windows.") % {"count": late} if late else ""
        return self._done(request, f"{gettext('The task is started.')} {behind}".strip())

    def stop_view(self, request: HttpRequest) -> HttpResponse:
        if refused := _refused(request):
            return refused
        default_task.stop(actor(request), timezone.now())
        return self._done(request, gettext("The task is stopped."))

    def execute_view(self, request: HttpRequest) -> HttpResponse:
        if refused := _refused(request):
            return refused
        who, now = actor(request), timezone.now()
        task = default_task.get_or_create(now)
        try:
            run = run_acts.run_now(task, who, now)
        except (IncompleteTaskError, NoWindowError) as error:
            return self._done(request, refusal_text(error), messages.ERROR)
        return self._done(request, f"{gettext('The run is queued.')} {run_acts.window_text(run, task)}")

    def _done(self, request: HttpRequest, text: str, level: int = messages.SUCCESS) -> HttpResponse:
        self.message_user(request, text, level)
        return HttpResponseRedirect(self.url("default"))


def _require_superuser(request: HttpRequest) -> None:
    """Raise PermissionDenied for anybody but a superuser: the task is a global row."""
    if not actor(request).everything:
        raise PermissionDenied


def _refused(request: HttpRequest) -> HttpResponse | None:
    _require_superuser(request)
    return None if request.method == "POST" else HttpResponseNotAllowed(["POST"])


def _task() -> ScheduledTask:
    """Return the default task, or a blank one that is not stored: looking at the page makes no row."""
    return default_task.find() or default_task.new_task()


def _state(now: datetime) -> dict[str, Any]:
    task = _task()
    rows = Run.objects.defer("output", "params", "result", "timeline")
    shown_runs = list(runs_of(task.pk, rows)[: settings.LOGS_PER_PAGE_DEFAULT]) if task.pk else []
    return {
        "task": task,
        "next_run": moment(task.next_run_at, task.timezone),
        "last_end": moment(task.last_end_time, task.timezone),
        "behind": default_task.windows_behind(task, now) if task.is_enabled else 0,
        "runs": [_row(run, task.timezone) for run in shown_runs],
        "refresh_seconds": refresh_seconds(task, shown_runs, now),
    }


def _row(run: Run, zone: str) -> dict[str, Any]:
    return {
        "pk": run.pk,
        "status": status_label(run.status),
        "started": moment(run.started_at, zone),
        "window_start": moment(run.window_start, zone),
        "window_end": moment(run.window_end, zone),
        "took": duration(run.duration_ms),
        "error": error_text(run.error_code),
    }


def refresh_seconds(task: ScheduledTask, runs: list[Run], now: datetime) -> int:
    """Return after how many seconds the page fetches its state: few while something happens or is about to."""
    usual, near = settings.AUTO_REFRESH_INTERVAL_SECONDS, settings.NEAR_EXECUTION_REFRESH_SECONDS
    soon = task.next_run_at is not None and task.next_run_at <= now + timedelta(seconds=usual)
    return near if (task.is_enabled and soon) or any(run.status in UNFINISHED for run in runs) else usual
