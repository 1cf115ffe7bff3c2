"""Calendars: which days a task may fire on."""

from __future__ import annotations

from collections.abc import Iterator, Set
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.fields import KeyField
from common.ruled import Ruled
from common.rules import LINE, Items, Range, Text
from scheduling.schedule.day_list import YEARS
from tenants.models import Tenant

MONDAY_TO_FRIDAY = (1, 2, 3, 4, 5)


class BasedOn(models.TextChoices):
    CN_WORKDAY = "cn_workday", _("Chinese working days")
    CN_HOLIDAY = "cn_holiday", _("Chinese days off")
    WEEK = "week", _("days of the week")


# Global calendars that always exist. The first holds the days of both; the second covers all other days.
OFFICIAL = (BasedOn.CN_WORKDAY.value, BasedOn.CN_HOLIDAY.value)


def monday_to_friday() -> list[int]:
    return list(MONDAY_TO_FRIDAY)


YEAR = Range(YEARS.start, YEARS.stop - 1)
WEEKDAY = Range(1, 7)


class Calendar(Ruled):
    """A base and the `days` that differ from it. A task names a calendar by its code; a tenant's own comes first."""

    tenant = models.ForeignKey(
        Tenant,
        models.CASCADE,
        to_field="code",
        db_column="tenant_id",
        null=True,
        blank=True,
        related_name="calendars",
        verbose_name=_("tenant"),
        help_text=_("Leave empty to let the tasks of every tenant use it."),
    )
    code = KeyField(_("code"), max_length=50)
    name = models.CharField(_("name"), max_length=100, blank=True, default="")
    based_on = models.CharField(
        _("based on"), max_length=10, choices=BasedOn.choices, default=BasedOn.CN_WORKDAY
    )
    weekdays = models.JSONField(
        _("working days of the week"),
        default=monday_to_friday,
        help_text=_("This applies only to calendars based on the days of the week."),
    )
    confirmed_years = models.JSONField(default=list, blank=True, editable=False)
    scope_key = KeyField(
        max_length=101,
        unique=True,
        editable=False,
        help_text="<tenant's code>:<code>: unique also where the tenant is NULL.",
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    rules = {
        "code": Text(
            50,
            1,
            r"^[A-Za-z][A-Za-z0-9_.-]{0,49}$",
            _("Begin with a letter, then use letters, digits, dots, dashes and underscores."),
        ),
        "name": LINE,
        "weekdays": Items(WEEKDAY, 7),
        "confirmed_years": Items(YEAR, len(YEARS)),
    }

    class Meta:
        db_table = "platform_calendars"
        ordering = ["scope_key"]
        verbose_name, verbose_name_plural = _("calendar"), _("calendars")

    def __str__(self) -> str:
        return self.shown_name

    @property
    def is_official(self) -> bool:
        return self.tenant_id is None and self.code in OFFICIAL

    @property
    def shown_name(self) -> str:
        """The name to show; that of an official calendar is in the reader's language."""
        return str(BasedOn(self.code).label) if self.is_official else self.name or self.code


class CalendarDay(Ruled):
    """A day that a user has set, which overrides the calendar's base."""

    calendar = models.ForeignKey(Calendar, models.CASCADE, related_name="days", verbose_name=_("calendar"))
    date = models.DateField(_("day"))
    is_workday = models.BooleanField(_("working day"))
    name = models.CharField(_("name"), max_length=100, blank=True, default="")

    rules = {"name": LINE}

    class Meta:
        db_table = "platform_calendar_days"
        ordering = ["date"]
        constraints = [models.UniqueConstraint(fields=["calendar", "date"], name="one_row_per_calendar_day")]
        verbose_name, verbose_name_plural = _("calendar day"), _("calendar days")

    def __str__(self) -> str:
        return self.date.isoformat() if isinstance(self.date, date) else str(self.date)

    def column_problems(self, columns: Set[str]) -> Iterator[tuple[str, str]]:
        yield from super().column_problems(columns)
        if "date" in columns and (text := YEAR.problem_with(self.date.year)):
            yield "date", text


def calendar_key(tenant_id: str | None, code: str) -> str:
    return f"{tenant_id or ''}:{code}"
