"""A task as a form: which fields belong to which kind, and what each kind needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from common.strict_json import MalformedJsonError, parse_json
from notifications.models import NotifyChannel
from scheduling.acts import tasks
from scheduling.acts.task_rules import TaskProblem, problems_of
from scheduling.admin.schedule_form import ScheduleForm
from scheduling.kinds import KINDS
from scheduling.kinds.dify.kind import DIFY
from scheduling.kinds.script.kind import SCRIPT
from scheduling.kinds.webhook.kind import METHODS
from scheduling.kinds.webhook.success_condition import MAX_LENGTH
from scheduling.models import SECRET_COLUMNS, ScheduledTask
from scheduling.rules import ADDRESSES
from tenants.admin.related_search import NumbersField, SearchMany, limit_to_tenant
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

FOLDED = ("collapse",)  # Django's name for a section that opens by a click


def _of_kinds(part: str) -> list[Any]:
    return [line for kind in KINDS.values() for line in getattr(kind, part)]


WHAT = ("tenant", "task_name", "task_desc", "execution_type", *_of_kinds("fieldset"), "input_params", "trial")
WHEN = (
    "schedule_type",
    "time_points",
    "cron_expression",
    "interval_minutes",
    "run_at",
    "timezone",
    ("calendar", "calendar_policy"),
    "use_windows",
    ("catch_up", "on_window_failure"),
    ("window_start_param", "window_end_param"),
    "window_time_format",
    "next_times",
)
WHERE_TO = ("notify_channels", "notify_wecom_app", "result_template")
WHEN_IT_FAILS = (
    ("retry_count", "retry_interval", "retry_backoff"),
    "retry_on_worker_lost",
    ("alert_on_failure", "alert_after_failures"),
    ("alert_on_recovery", "alert_on_missed"),
    "alert_max_duration_seconds",
    "alert_webhook",
)
LIMITS = ("timeout_seconds", "priority", *_of_kinds("limits"), "keep_runs_days")
ADVANCED = (
    "is_enabled",
    "start_at",
    "end_at",
    "spread_seconds",
    ("misfire_policy", "misfire_grace_seconds"),
    "overlap_policy",
    *_of_kinds("advanced"),
)
FIELDSETS: list[tuple[Any, Any]] = [
    (_("What"), {"fields": WHAT}),
    (_("When"), {"fields": WHEN, "classes": ("when",)}),
    (_("Where to"), {"fields": WHERE_TO}),
    (_("When it fails"), {"fields": WHEN_IT_FAILS, "classes": FOLDED}),
    (_("Limits"), {"fields": LIMITS, "classes": FOLDED}),
    (_("Advanced"), {"fields": ADVANCED, "classes": FOLDED}),
]

# field -> (the choice that decides, its values with which the field has a meaning; None: any but the empty one).
# A field whose choice has no meaning has none either: a choice stands before what depends on it.
SHOWN_WHEN: dict[str, tuple[str, list[str | bool] | None]] = {
    **{
        name: ("execution_type", [kind.name])
        for kind in KINDS.values()
        for name in flatten((*kind.fieldset, *kind.limits, *kind.advanced))
    },
    "trial": ("execution_type", [SCRIPT.name]),
    "result_template": ("execution_type", [DIFY.name]),
    "time_points": ("schedule_type", ["simple"]),
    "cron_expression": ("schedule_type", ["cron"]),
    "interval_minutes": ("schedule_type", ["interval"]),
    "run_at": ("schedule_type", ["once"]),
    **{name: ("schedule_type", ["simple", "cron", "interval"]) for name in (
        "calendar", "start_at", "end_at", "spread_seconds",
    )},
    "calendar_policy": ("calendar", None),
    "use_windows": ("schedule_type", ["interval"]),
    **{name: ("use_windows", [True]) for name in (
        "catch_up", "on_window_failure", "window_start_param", "window_end_param", "window_time_format",
    )},
    "alert_after_failures": ("alert_on_failure", [True]),
    "alert_on_recovery": ("alert_on_failure", [True]),
}  # fmt: skip


# column -> the method of the page that says it in words, for somebody who may only look
IN_WORDS = {"notify_channels": "channel_names", "calendar": "calendar_name"}
# column -> the lines and the language of its editor
EDITORS = {
    "result_template": (4, "jinja"),
    **{name: editor for kind in KINDS.values() for name, editor in kind.editors.items()},
}


def has_meaning(name: str, task: ScheduledTask) -> bool:
    if name not in SHOWN_WHEN:
        return True
    choice, values = SHOWN_WHEN[name]
    value = getattr(task, choice)
    return has_meaning(choice, task) and (bool(value) if values is None else value in values)


def read_only_fields(names: Iterable[Any], task: ScheduledTask, hidden: set[str]) -> list[Any]:
    """Return the fields of a fieldset that somebody who may only look gets.

    An encrypted column's name is a callable there (`tenants.admin.write_only.shown_names`).
    """
    found: list[Any] = []
    for name in names:
        column = getattr(name, "__name__", name)
        if isinstance(column, tuple):
            found += [row] if (row := tuple(read_only_fields(column, task, hidden))) else []
        elif column in IN_WORDS and has_meaning(column, task):
            found.append(IN_WORDS[column])
        elif column not in hidden and has_meaning(column, task):
            found.append(name)
    return found


def _cards() -> list[tuple[str, Any]]:
    """Return the kinds to choose from, each with a sentence on what it does."""
    card = "<b>{}</b><span>{}</span>"
    return [(kind.name, format_html(card, kind.label, gettext(kind.about))) for kind in KINDS.values()]


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
            content = parse_json(value) if isinstance(value, str) and value.strip() else value or {}
        except MalformedJsonError as error:
            raise ValidationError(str(error)) from None
        if not isinstance(content, dict):
            raise ValidationError(_('Write a JSON object: {"name": "value"}.'))
        return content

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return what was typed, as it was typed."""
        return data


class TaskForm(ScheduleForm):
    addresses = ADDRESSES
    lines = tuple(EDITORS.keys() & SECRET_COLUMNS)
    channels: QuerySet[NotifyChannel] = NotifyChannel.objects.none()  # those to choose from

    execution_type = forms.ChoiceField(
        label=_("kind"),
        choices=_cards,
        initial=SCRIPT.name,
        widget=forms.RadioSelect(attrs={"class": "cards"}),
    )
    input_params = ObjectField(label=_("parameters"), required=False, widget=Code(4, "json"))
    webhook_method = forms.ChoiceField(
        label=_("method"), choices=[(name, name) for name in METHODS], widget=UnfoldAdminSelectWidget
    )
    webhook_success_condition = forms.CharField(
        label=_("success condition"),
        max_length=MAX_LENGTH,
        required=False,
        help_text=ScheduledTask._meta.get_field("webhook_success_condition").help_text,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "success-conditions", "class": "code"}),
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
        widgets = {name: Code(*editor) for name, editor in EDITORS.items()}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "timeout_seconds" in self.fields:
            limits = " · ".join(f"{kind.label} {kind.timeout_seconds}" for kind in KINDS.values())
            self.fields["timeout_seconds"].help_text = _("Leave empty for the default: %(limits)s.") % {
                "limits": limits
            }
        for name in self.fields.keys() & {*self.lines}:
            self.fields[name].widget.attrs["data-editor"] = EDITORS[name][1]
        if isinstance(field := self.fields.get("notify_channels"), NumbersField):  # absent if read-only
            field.queryset = self.channels
        for name in ("notify_channels", "notify_wecom_app"):
            if self.instance.tenant_id and name in self.fields:
                limit_to_tenant(self.fields[name], self.instance.tenant_id)

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

    def problems(self) -> Iterator[TaskProblem]:
        changed = None if self.instance._state.adding else {*self.changed_data}
        for problem in problems_of(self.instance, changed=changed):
            yield TaskProblem(problem.field.removesuffix("_id"), problem.message)  # a form names the relation


def columns_of(form: TaskForm) -> dict[str, Any]:
    """Return what the form changes, by column."""
    columns = {field.name for field in ScheduledTask._meta.concrete_fields}
    return {name: form.cleaned_data[name] for name in form.changed_data if name in columns}
