"""Filters that find a run among millions: by task, day and status, each by an index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from scheduling.models import UNFINISHED, RunStatus, runs_of
from tenants.admin.pages import DateFilter, RowFilter, choice_filter

ByStatus = choice_filter("status", _("status"), list(RunStatus.choices))


class StatusFilter(ByStatus):  # type: ignore[valid-type, misc]  # made by a function
    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Filter by the status.

        No run that has ended has `published_at`; named as a condition, that lets an index give the runs in the order of
        their ids.
        """
        found: QuerySet[Any] = super().queryset(request, queryset)
        ended = self.value() and self.value() not in UNFINISHED
        return found.filter(published_at=None) if ended else found


class DayFilter(DateFilter):
    """Filters by the day on which a run could first start: a run by hand has no due time."""

    title, parameter_name = _("day"), "day"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if (bounds := self.bounds()) is None:
            return queryset
        every = RunStatus.values  # the index begins with the status
        return queryset.filter(status__in=every, not_before__gte=bounds[0], not_before__lt=bounds[1])


class TaskFilter(RowFilter):
    """Filters by one task; `RunAdmin.get_ordering` orders the rows as the index does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = str(_("task"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return runs_of(int(self.lookup_val[-1]), queryset) if self.lookup_val else queryset


@dataclass(frozen=True)
class QuickFilter:
    label: Any
    query: str
    is_on: bool


def quick_filters(request: HttpRequest, today: date) -> list[QuickFilter]:
    """Return the links for each status, today and yesterday. They keep the other filters."""
    status = [QuickFilter(_("All"), _query_with(request, status=""), not request.GET.get("status"))]
    status += [
        QuickFilter(label, _query_with(request, status=value), request.GET.get("status") == value)
        for value, label in RunStatus.choices
    ]
    days = [(_("Today"), today), (_("Yesterday"), today - timedelta(days=1))]
    return status + [_day_filter(request, label, day.isoformat()) for label, day in days]


def _day_filter(request: HttpRequest, label: Any, day: str) -> QuickFilter:
    is_on = request.GET.get("day") == day
    return QuickFilter(label, _query_with(request, day="" if is_on else day), is_on)


def _query_with(request: HttpRequest, **values: str) -> str:
    query = request.GET.copy()
    for name in ("p", *values):
        query.pop(name, None)
    query.update({name: value for name, value in values.items() if value})
    return "?" + query.urlencode()
