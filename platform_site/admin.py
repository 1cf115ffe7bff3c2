"""The pages of django-celery-beat in unfold's style, for superusers: what operators schedule beside our tasks."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

import redis
from celery import current_app
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_celery_beat import admin as beat
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from platform_site.observability import health, metrics
from platform_site.pages.audited import AuditedPage
from scheduling.acts.task_rules import reader_language
from scheduling.schedule.describe import describe
from scheduling.schedule.errors import ScheduleError
from scheduling.schedule.rule import Schedule

if TYPE_CHECKING:
    Inline = admin.TabularInline[Any, Any]
else:
    from unfold.admin import TabularInline as Inline

OUR_ATTRIBUTES = {"crontab_translation": "crontab_in_words"}  # django-celery-beat's has no translation


class TaskSelect(UnfoldAdminSelectWidget, beat.TaskSelectWidget):  # type: ignore[misc]  # neither has types
    pass


class PeriodicTaskForm(beat.PeriodicTaskForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["task"].widget = UnfoldAdminTextInputWidget()
        self.fields["regtask"].widget = TaskSelect()

    def clean(self) -> dict[str, Any]:
        """Refuse an unknown queue, and a task that no worker knows: they would drop it each time it is due."""
        values: dict[str, Any] = super().clean()
        self._check_queue(values.get("queue"))
        name = values.get("task")
        current_app.loader.import_default_modules()
        known = sorted(one for one in current_app.tasks if not one.startswith("celery."))
        if name and name != self.initial.get("task") and name not in current_app.tasks:
            text = _("No worker knows this Celery task. Choose one of: %(names)s.")
            self.add_error("task", text % {"names": ", ".join(known)})
        return values

    def _check_queue(self, queue: str | None) -> None:
        """Refuse a queue that no worker takes from: what is put into it would stay there."""
        if not queue or queue == self.initial.get("queue"):
            return
        with suppress(redis.RedisError, OSError):  # without Redis nobody knows who takes from it
            known = {*metrics.OUR_QUEUES} | health.served_queues()
            if queue not in known:
                text = _("No worker serves this queue. Choose one of: %(names)s.")
                self.add_error("queue", text % {"names": ", ".join(sorted(known))})


def crontab_text(crontab: CrontabSchedule) -> str:
    """Describe the crontab in the reader's language; Celery's library knows only some languages."""
    columns = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
    expression = " ".join(getattr(crontab, column) for column in columns)
    try:
        text = describe(Schedule("cron", cron_expression=expression), reader_language())
    except ScheduleError:  # Celery knows the expression, cron does not
        text = expression
    return f"{text} ({crontab.timezone})"


class PeriodicTaskAdmin(AuditedPage, beat.PeriodicTaskAdmin):  # type: ignore[misc]
    form = PeriodicTaskForm
    change_form_template = "admin/change_form.html"  # the package's adds English words inline
    readonly_fields = ("last_run_at", "crontab_in_words")
    fieldsets = [
        (name, options | {"fields": [OUR_ATTRIBUTES.get(field, field) for field in options["fields"]]})
        for name, options in beat.PeriodicTaskAdmin.fieldsets
    ]
    list_display = ("shown_name", "enabled", "interval", "crontab_in_words", "last_run_at", "one_off")
    list_filter = ("enabled", "one_off")
    date_hierarchy = None  # it would scan the table, and unfold has no place for it

    @admin.display(description=_("name"), ordering="name")
    def shown_name(self, row: PeriodicTask) -> str:
        """Show the name in the reader's language where it is one of CELERY_BEAT_SCHEDULE's."""
        return gettext(row.name)

    @admin.display(description=_("crontab in words"))
    def crontab_in_words(self, row: PeriodicTask) -> str:
        return crontab_text(row.crontab) if row.crontab else ""

    @admin.action(description=beat.PeriodicTaskAdmin.enable_tasks.short_description)
    def enable_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        self.record_each(request, "toggle", queryset.filter(enabled=False))
        super().enable_tasks(request, queryset)

    @admin.action(description=beat.PeriodicTaskAdmin.disable_tasks.short_description)
    def disable_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        self.record_each(request, "toggle", queryset.filter(enabled=True))
        super().disable_tasks(request, queryset)

    @admin.action(description=beat.PeriodicTaskAdmin.toggle_tasks.short_description)
    def toggle_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        self.record_each(request, "toggle", queryset)
        super().toggle_tasks(request, queryset)

    @admin.action(description=beat.PeriodicTaskAdmin.run_tasks.short_description)
    def run_tasks(self, request: HttpRequest, queryset: QuerySet[PeriodicTask]) -> None:
        self.record_each(request, "run", queryset)
        super().run_tasks(request, queryset)


class TasksOfSchedule(Inline):
    """The periodic tasks of a schedule, under translated headings: django-celery-beat has not marked that of `task`."""

    model = PeriodicTask
    fields = readonly_fields = ("name", "enabled", "last_run_at")
    can_delete = False
    extra = 0
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class SchedulePage(AuditedPage):
    inlines = [TasksOfSchedule]


class CrontabPage(SchedulePage):
    list_display = ("in_words", "minute", "hour", "day_of_month", "month_of_year", "day_of_week")
    fields = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week", "timezone")

    @admin.display(description=_("crontab in words"))
    def in_words(self, row: CrontabSchedule) -> str:
        return crontab_text(row)


PAGES = {
    PeriodicTask: PeriodicTaskAdmin,
    IntervalSchedule: SchedulePage,
    CrontabSchedule: CrontabPage,
    ClockedSchedule: SchedulePage,
    SolarSchedule: SchedulePage,
}
for model, page in PAGES.items():
    admin.site.unregister(model)
    admin.site.register(model, page)
