"""“Run with…”: the page that runs a task once with other parameters, or with a data window of the reader's choice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.numbers import int_or
from scheduling.acts import runs
from scheduling.admin.cursor_form import SecondsInput
from scheduling.admin.task_form import Code, ObjectField
from scheduling.admin.task_tabs import TaskTabs
from scheduling.admin.wording import refusal_text
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import IncompleteTaskError, Run, ScheduledTask
from scheduling.schedule.data_windows import Window
from tenants.admin.access import actor
from tenants.models import Role

if TYPE_CHECKING:
    Form = forms.Form
else:
    from django.forms import Form


class RunForm(Form):
    """What a run gets. Only a task with data windows asks for one; times are in its zone: the caller switches to it."""

    params = ObjectField(
        label=_("parameters"),
        required=False,
        widget=Code(8, "json"),
        help_text=_("The run gets exactly these; the task keeps its own."),
    )
    start = forms.DateTimeField(label=_("window from"), required=False, widget=SecondsInput)
    end = forms.DateTimeField(
        label=_("window to"),
        required=False,
        widget=SecondsInput,
        help_text=_(
            "With a window of your own, the start of the next one does not change. "
            "Leave both empty to take the next window."
        ),
    )
    window: Window | None = None

    def __init__(self, *args: Any, has_windows: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_windows:
            del self.fields["start"], self.fields["end"]

    def clean(self) -> dict[str, Any] | None:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.window = runs.window_between(given.get("start"), given.get("end"), timezone.now())
            except runs.InvalidWindowError as error:
                self.add_error(error.field, str(error))
        return given


class RunWithPages(TaskTabs):
    def get_urls(self) -> list[Any]:
        return [self.page_url("run_with", self.run_with_view), *super().get_urls()]

    def run_with_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the form, with `?from=<run>` filled in from that run. POST starts the run."""
        task: ScheduledTask = self.row_for(request, object_id, Role.OPERATOR)
        with timezone.override(ZoneInfo(task.timezone)):
            has_windows = task.hands_out_windows
            form = RunForm(
                request.POST or None, initial=_first_values(request, task), has_windows=has_windows
            )
            if form.is_valid():
                try:
                    return self._run(request, task, form)
                except (IncompleteTaskError, NoWindowError) as error:
                    form.add_error(None, refusal_text(error))
            page = self.show(request, "platform/run_with.html", _("Run with…"), task, form=form)
            return page.render()  # rendered here, while the task's zone is set

    def _run(self, request: HttpRequest, task: ScheduledTask, form: RunForm) -> HttpResponse:
        params, window = form.cleaned_data["params"], form.window
        who, now = actor(request), timezone.now()
        run = runs.run_now(task, who, now, params=params, replace_params=True, window=window)
        if text := runs.window_text(run, task):
            self.message_user(request, text, messages.INFO)
        return HttpResponseRedirect(reverse("admin:scheduling_run_change", args=[run.pk]))


def _first_values(request: HttpRequest, task: ScheduledTask) -> dict[str, Any]:
    """Return what the form begins with: the task's parameters, or what the named run had. Raises Http404."""
    if "from" not in request.GET:
        return {"params": task.input_params}
    run = Run.objects.filter(task=task, pk=int_or(request.GET["from"], 0)).first()
    if run is None:
        raise Http404
    return {"params": run.params, "start": run.window_start, "end": run.window_end}
