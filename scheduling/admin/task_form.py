"""A task as a form: which fields belong to which kind, and what each kind needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from common.strict_json import MalformedJsonError, value_of
from notifications.models import NotifyChannel
from scheduling import rules
from scheduling.acts import tasks
from scheduling.acts.task_rules import Flaw, flaws_of
from scheduling.admin.schedule_form import ScheduleForm
from scheduling.models import ScheduledTask
from tenants.admin.related_search import NumbersField, SearchMany, narrow
from tenants.models import Tenant

ZONES = (
    "Asia/Shanghai",
    "Asia/Hong_Kong",
    "Asia/Tokyo",
    "Asia/Singapore",
    "UTC",
    "Europe/Berlin",
    "America/New_York",
)

FIELDSETS: list[tuple[Any, Any]] = [
    (None, {"fields": ("tenant", "task_name", "task_desc", ("is_enabled", "priority"))}),
    (
        _("What runs"),
        {"fields": ("execution_type", "input_params", "timeout_seconds")},
    ),
    (
        "Dify",
        {
            "fields": (
                "dify_url",
                "dify_api_key",
                ("dify_app_type", "dify_response_mode"),
                "dify_workflow_id",
                "dify_query",
                "dify_user",
                "retry_on_unknown",
            )
        },
    ),
    (
        "Webhook",
        {
            "fields": (
                ("webhook_method", "webhook_url"),
                "webhook_headers",
                "webhook_body_template",
                "webhook_secret",
            )
        },
    ),
    (_("Script"), {"fields": ("script_content", "trial", "script_deps", ("memory_mb", "cpu_seconds"))}),
    (
        _("When it runs"),
        {
            "fields": (
                "schedule_type",
                "time_points",
                "cron_expression",
                "interval_minutes",
                "run_at",
                "timezone",
                ("calendar", "calendar_policy"),
                "start_at",
                "end_at",
                "spread_seconds",
                "next_times",
            )
        },
    ),
    (
        _("Data windows"),
        {
            "fields": (
                "use_windows",
                ("catch_up", "on_window_failure"),
                ("window_start_param", "window_end_param"),
                "window_time_format",
            )
        },
    ),
    (
        _("Messages"),
        {"fields": ("notify_channels", "notify_wecom_app", "result_template")},
    ),
    (
        _("Alerts"),
        {
            "fields": (
                ("alert_on_failure", "alert_after_failures"),
                ("alert_on_recovery", "alert_on_missed"),
                "alert_max_duration_seconds",
                "alert_webhook",
            )
        },
    ),
    (
        _("Missed, overlapping and failed runs"),
        {
            "fields": (
                ("misfire_policy", "misfire_grace_seconds"),
                "overlap_policy",
                ("retry_count", "retry_interval", "retry_backoff"),
                "retry_on_worker_lost",
                "keep_runs_days",
            )
        },
    ),
]

# field -> (the choice that decides, its values with which the field has a meaning)
SHOWN_WHEN: dict[str, tuple[str, list[str]]] = {
    **{name: ("execution_type", ["dify"]) for name in (
        "dify_url", "dify_api_key", "dify_app_type", "dify_response_mode", "dify_workflow_id", "dify_query",
        "dify_user", "retry_on_unknown",
    )},
    **{name: ("execution_type", ["webhook"]) for name in (
        "webhook_method", "webhook_url", "webhook_headers", "webhook_body_template", "webhook_secret",
    )},
    **{name: ("execution_type", ["script"]) for name in (
        "script_content", "trial", "script_deps", "memory_mb", "cpu_seconds",
    )},
    "time_points": ("schedule_type", ["simple"]),
    "cron_expression": ("schedule_type", ["cron"]),
    "interval_minutes": ("schedule_type", ["interval"]),
    "run_at": ("schedule_type", ["once"]),
    **{name: ("schedule_type", ["simple", "cron", "interval"]) for name in (
        "calendar", "calendar_policy", "start_at", "end_at", "spread_seconds",
    )},
    **{name: ("schedule_type", ["interval"]) for name in (
        "use_windows", "catch_up", "on_window_failure", "window_start_param",
        "window_end_param", "window_time_format",
    )},
}  # fmt: skip


def has_meaning(name: str, task: ScheduledTask) -> bool:
    choice, values = SHOWN_WHEN.get(name, ("", []))
    return not choice or getattr(task, choice) in values


class Code(UnfoldAdminTextareaWidget):  # type: ignore[misc]  # unfold has no types
    """A text area with an editor. `language` is one that the editor in frontend/ knows."""

    def __init__(self, rows: int, language: str) -> None:
        attrs = {"rows": rows, "class": "code", "spellcheck": "false", "wrap": "off", "data-editor": language}
        super().__init__(attrs=attrs)


class ObjectField(forms.JSONField):
    """A JSON object, shown on several lines and with Chinese characters unescaped."""

    def prepare_value(self, value: Any) -> Any:
        return json.dumps(value, ensure_ascii=False, indent=2) if isinstance(value, dict) else value

    def to_python(self, value: Any) -> Any:
        """Parse a JSON object by the API's own rules of depth, numbers and text. Raises ValidationError."""
        try:
            content = value_of(value) if isinstance(value, str) and value.strip() else value or {}
        except MalformedJsonError as error:
            raise ValidationError(str(error)) from None
        if not isinstance(content, dict):
            raise ValidationError(_('Write a JSON object: {"name": "value"}.'))
        return content

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was typed, as it was typed."""
        return data


class TaskForm(ScheduleForm):
    addresses = ("webhook_url", "alert_webhook")
    lines = ("webhook_headers",)
    channels: QuerySet[NotifyChannel] = NotifyChannel.objects.none()  # those to choose from

    input_params = ObjectField(label=_("parameters"), required=False, widget=Code(4, "json"))
    webhook_method = forms.ChoiceField(
        label=_("method"), choices=[(name, name) for name in rules.METHODS], widget=UnfoldAdminSelectWidget
    )
    timezone = forms.CharField(
        label=_("time zone"),
        max_length=50,
        initial="Asia/Shanghai",
        widget=UnfoldAdminTextInputWidget(attrs={"list": "zones"}),
    )
    priority = forms.IntegerField(
        label=_("priority"),
        initial=5,
        help_text=_("From 0 to 9; tasks with a higher number run first."),
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"}),
    )
    notify_channels = NumbersField(
        queryset=NotifyChannel.objects.none(),
        label=_("channels"),
        required=False,
        widget=SearchMany(ScheduledTask._meta.get_field("notify_channels"), admin.site),
        help_text=_("The channels that the result is sent to."),
    )

    class Meta(ScheduleForm.Meta):
        fields = "__all__"  # type: ignore[assignment]  # the admin names them by its fieldsets
        widgets = {
            "script_content": Code(18, "python"),
            "script_deps": Code(2, "text"),
            "webhook_body_template": Code(5, "jinja"),
            "result_template": Code(4, "jinja"),
            "dify_query": Code(3, "jinja"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "webhook_headers" in self.fields:
            self.fields["webhook_headers"].widget.attrs["data-editor"] = "json"
        if isinstance(field := self.fields.get("notify_channels"), NumbersField):  # absent if read-only
            field.queryset = self.channels
        for name in ("notify_channels", "notify_wecom_app"):
            if self.instance.tenant_id and name in self.fields:
                narrow(self.fields[name], self.instance.tenant_id)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if self.instance.pk is None:
            self._check_room(cleaned.get("tenant"))
        return cleaned

    def _check_room(self, tenant: Tenant | None) -> None:
        try:
            if tenant is not None:
                tasks.require_room(tenant)
        except tasks.TenantFullError as error:
            self.add_error("tenant", str(error))

    def flaws(self) -> Iterator[Flaw]:
        changed = None if self.instance._state.adding else {*self.changed_data}
        for flaw in flaws_of(self.instance, changed=changed):
            yield Flaw(flaw.field.removesuffix("_id"), flaw.message)  # a form names the relation


def columns_of(form: TaskForm) -> dict[str, Any]:
    """Return what the form changes, by column."""
    columns = {field.name for field in ScheduledTask._meta.concrete_fields}
    return {name: form.cleaned_data[name] for name in form.changed_data if name in columns}
