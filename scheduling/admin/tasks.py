"""The form of a task and its buttons. Every change goes through `acts.tasks`."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications.models import NotifyChannel, WeComApp
from scheduling.acts import runs as run_acts
from scheduling.acts import tasks
from scheduling.acts.task_cautions import cautions_of
from scheduling.acts.task_rules import InvalidTaskError, schedule_problems
from scheduling.admin import trials
from scheduling.admin.backfill_form import BackfillPages
from scheduling.admin.connection import TEST_CONNECTION, TestConnection
from scheduling.admin.cursor_form import CursorPages
from scheduling.admin.default_task import DefaultTaskPages
from scheduling.admin.hooks import ACTS as HOOK_ACTS
from scheduling.admin.hooks import HookActs
from scheduling.admin.overview import OverviewPages
from scheduling.admin.preview import preview
from scheduling.admin.run_with import RunWithPages
from scheduling.admin.schedule_form import ScheduleForm
from scheduling.admin.task_form import FIELDSETS, SHOWN_WHEN, ZONES, TaskForm, columns_of, read_only_fields
from scheduling.admin.task_list import TaskList
from scheduling.admin.version_pages import RESTORE, VersionPages
from scheduling.admin.wording import calendar_name, refusal_text
from scheduling.kinds.webhook.success_condition import PRESETS
from scheduling.lifecycle import result_messages as messages_of
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import IncompleteTaskError, ScheduledTask
from tenants.admin.access import actor
from tenants.admin.post_actions import Act
from tenants.models import Role


def is_on(row: ScheduledTask) -> bool:
    return row.is_enabled


def is_off(row: ScheduledTask) -> bool:
    return not row.is_enabled


@admin.register(ScheduledTask)
class ScheduledTaskAdmin(
    TaskList,
    OverviewPages,
    RunWithPages,
    HookActs,
    VersionPages,
    BackfillPages,
    CursorPages,
    DefaultTaskPages,
    TestConnection,
):
    form = TaskForm
    fieldsets = FIELDSETS
    readonly_fields = ("next_times", "trial")
    chosen = {"notify_channels": NotifyChannel}
    acts = (
        Act("run", _("Run now"), "play_arrow", in_list=True),
        Act("enable", _("Enable"), "toggle_on", offered=is_off, on_page=False),
        Act("disable", _("Disable"), "toggle_off", offered=is_on, on_page=False),
        Act("duplicate", _("Duplicate"), "content_copy", Role.ADMIN, folded=True),
        *HOOK_ACTS,
        TEST_CONNECTION,
        RESTORE,
    )
    change_form_template = "platform/task_form.html"
    change_form_outer_before_template = "platform/task_tabs.html"
    warn_unsaved_form = True

    # --- form

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        given = {"who": actor(request), "channels": self.choices(request, NotifyChannel)}
        return type(form.__name__, (form,), given)

    def get_fieldsets(self, request: HttpRequest, obj: ScheduledTask | None = None) -> Any:
        """Return the fieldsets, without the WeCom app where there is none to choose.

        Somebody who may only look gets the fields of the task's kind: they choose nothing.
        """
        fieldsets = super().get_fieldsets(request, obj)
        if not self.choices(request, WeComApp).exists():
            fieldsets = [(name, _without(options, "notify_wecom_app")) for name, options in fieldsets]
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        hidden = set() if self.may(request, Role.OPERATOR, obj) else {"trial"}
        looked_at = [
            (name, {"fields": read_only_fields(options["fields"], obj, hidden)})
            for name, options in fieldsets
        ]
        return [(name, options) for name, options in looked_at if options["fields"]]

    @admin.display(description=_("channels"))
    def channel_names(self, row: ScheduledTask) -> str:
        return ", ".join(str(destination) for destination in messages_of.channels_of(row))

    @admin.display(description=_("calendar"))
    def calendar_name(self, row: ScheduledTask) -> str:
        return calendar_name(row.tenant_id, row.calendar) if row.calendar else gettext("every day")

    @admin.display(description=_("next due times"))
    def next_times(self, row: ScheduledTask) -> str:
        # Where a form is shown again with its errors, the row holds what was sent, which may be invalid.
        found = preview(row, timezone.now()) if row.pk and not schedule_problems(row) else None
        url = self.url("preview") + (f"?task={row.pk}" if row.pk else "")
        return render_to_string("platform/next_times.html", {"preview": found, "live": True, "url": url})

    @admin.display(description=_("test run"))
    def trial(self, row: ScheduledTask) -> str:
        return trials.panel(row)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.preview_view)
        return [path("preview/", view, name=self.url_name("preview")), *super().get_urls()]

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with the due times of the form's schedule, which is not saved yet, as an HTML fragment."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_change_permission(request):
            raise PermissionDenied
        form = ScheduleForm(request.POST, instance=self._previewed(request))
        labels = {name: field.label for name, field in form.fields.items()}
        context: dict[str, Any] = {
            "errors": [(name, labels.get(name), texts) for name, texts in form.errors.items()]
        }
        if form.is_valid():
            if tasks.GRID_COLUMNS.intersection(form.changed_data):
                form.instance.anchor_at = None
            context = {"preview": preview(form.instance, timezone.now())}
        return HttpResponse(render_to_string("platform/next_times.html", context))

    def _previewed(self, request: HttpRequest) -> ScheduledTask:
        """Return the task to preview.

        A saved task has its tenant, whose calendars it may name, its cursor, anchor and spread. A new one has the
        tenant that is chosen in the form, if the user sees it.
        """
        row: ScheduledTask | None = None
        if "task" in request.GET:
            row = self.get_object(request, request.GET["task"])
        if row is not None:
            return row
        chosen = request.POST.get("tenant", "")
        return ScheduledTask(tenant_id=chosen if chosen and actor(request).sees(chosen) else None)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        context = {
            "shown_when": SHOWN_WHEN,
            "zones": ZONES,
            "success_conditions": PRESETS,
            **(extra_context or {}),
        }
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except tasks.StaleVersionError:
            text = gettext("Somebody else has changed this task in the meantime: nothing was saved.")
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(request.path)
        except (
            InvalidTaskError,
            tasks.TenantFullError,
        ) as error:  # caused by a change between the form's check and the save
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.path)

    def page(self, request: HttpRequest, row: ScheduledTask) -> dict[str, Any]:
        return {"tabs": self.tabs(request, row)}

    def save_model(self, request: HttpRequest, obj: ScheduledTask, form: Any, change: bool) -> None:
        who, now = actor(request), timezone.now()
        if change:
            apply = partial(_set_columns, columns_of(form))
            saved = tasks.update(obj.pk, apply, who, now, expected_version=obj.version)
        else:
            saved = tasks.create(obj, who, now)
        for caution in cautions_of(saved, now):
            self.message_user(request, caution, messages.WARNING)

    def delete_model(self, request: HttpRequest, obj: ScheduledTask) -> None:
        tasks.delete(obj.pk, actor(request), timezone.now())

    # --- acts

    def act_run(self, request: HttpRequest, row: ScheduledTask) -> HttpResponse | None:
        try:
            run = run_acts.run_now(row, actor(request), timezone.now())
        except (IncompleteTaskError, NoWindowError) as error:
            self.message_user(request, refusal_text(error), messages.ERROR)
            return None
        if text := run_acts.window_text(run, row):
            self.message_user(request, text, messages.INFO)
        return HttpResponseRedirect(reverse("admin:scheduling_run_change", args=[run.pk]))

    def act_duplicate(self, request: HttpRequest, row: ScheduledTask) -> HttpResponse | None:
        try:
            copy = tasks.duplicate(row, actor(request), timezone.now())
        except (InvalidTaskError, tasks.TenantFullError) as error:
            self.message_user(request, str(error), messages.ERROR)
            return None
        text = gettext("This is the copy. It is disabled: change what differs, then enable it.")
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(self.url("change", copy))

    def act_enable(self, request: HttpRequest, row: ScheduledTask) -> None:
        self._switch(request, row, on=True)

    def act_disable(self, request: HttpRequest, row: ScheduledTask) -> None:
        self._switch(request, row, on=False)

    def _switch(self, request: HttpRequest, row: ScheduledTask, *, on: bool) -> None:
        """Switch the task to what the button said, even if somebody else has switched it meanwhile."""
        apply = partial(_set_columns, {"is_enabled": on})
        try:
            tasks.update(row.pk, apply, actor(request), timezone.now(), action="toggle")
        except InvalidTaskError as error:
            text = gettext("The task can't be enabled: %(why)s") % {"why": error}
            self.message_user(request, text, messages.ERROR)


def _without(options: dict[str, Any], column: str) -> dict[str, Any]:
    """Return a fieldset's options without a field that stands in a line of its own."""
    return options | {"fields": tuple(line for line in options["fields"] if line != column)}


def _set_columns(columns: dict[str, Any], task: ScheduledTask) -> None:
    for name, value in columns.items():
        setattr(task, name, value)
