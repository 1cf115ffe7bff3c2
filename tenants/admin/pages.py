"""Lists of tables that grow without end: they don't count the whole table, and they filter by index."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, DropdownFilter

from common.fields import fits_into
from tenants.admin.access import actor, tenants_of
from tenants.models import Role

if TYPE_CHECKING:
    from django.contrib.admin import RelatedFieldListFilter, SimpleListFilter

    class Filter(SimpleListFilter):
        pass

    class Autocomplete(RelatedFieldListFilter):
        model_admin: admin.ModelAdmin[Any]
        request: HttpRequest

    Base = Paginator[Any]
else:
    Base = Paginator
    Autocomplete, Filter = AutocompleteSelectFilter, DropdownFilter

MAX_COUNTED = 10_000
LATEST = 20_000


class CappedPaginator(Base):
    """Counts to ten thousand and no further; the rows beyond are found by filters."""

    @cached_property
    def count(self) -> int:
        rows = self.object_list
        assert isinstance(rows, QuerySet)
        return rows.order_by()[:MAX_COUNTED].count()


def among_the_latest(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the latest LATEST rows, to be filtered by a column that has no index.

    Without this bound, the search for a rare value would read the whole table.
    """
    oldest = rows.order_by("-pk").values_list("pk", flat=True)[LATEST : LATEST + 1]
    return next((rows.filter(pk__gt=pk) for pk in oldest), rows)


class RowFilter(Autocomplete):
    """Filters by a related row, which is found by searching: Django's own filter would list every row."""

    def __init__(self, field: Any, *args: Any, **kwargs: Any) -> None:
        """Read the filter's values. Raise IncorrectLookupParameters for one that no row can have.

        The database may refuse to look for such a value.
        """
        super().__init__(field, *args, **kwargs)
        if not all(fits_into(field.target_field, value) for value in self.lookup_val or ()):
            raise IncorrectLookupParameters

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield the choices, only of rows that the user may see: unfold would name any row whose id is in the URL."""
        assert self.field.related_model
        seen = self.model_admin.admin_site.get_model_admin(self.field.related_model)
        choice: Any
        for choice in super().choices(changelist):
            choice["form"].fields[self.lookup_kwarg].queryset = seen.get_queryset(self.request)
            yield choice


class ByTenant(RowFilter):
    def has_output(self) -> bool:
        """Return False for users who have only one tenant."""
        return bool(tenants_of(actor(self.request), Role.VIEWER).order_by()[1:2])


TenantFilter = ("tenant", ByTenant)


class DateFilter(Filter):
    """Filters by one local day, chosen in the browser's own calendar."""

    template = "platform/filter_day.html"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("", "")]  # an empty choice, because Django leaves out a filter that has none

    def choices(self, changelist: Any) -> Iterator[Any]:
        yield {}

    def bounds(self) -> tuple[datetime, datetime] | None:
        """Return the day's midnight and the next one, in UTC; None without a day, also for a text that is none."""
        try:
            day = parse_date(self.value() or "")
            return (_midnight(day), _midnight(day + timedelta(days=1))) if day else None
        except (ValueError, OverflowError):
            return None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min)).astimezone(UTC)


def choice_filter(column: str, heading: Any, choices: list[tuple[str, Any]]) -> type[Filter]:
    """Make a filter by a column's known values: reading them from the rows would scan the table."""

    class ChoiceFilter(Filter):
        title, parameter_name = heading, column

        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
            return choices

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            """Filter the rows. Raise IncorrectLookupParameters for a value that is not among the choices."""
            if not self.value():
                return queryset
            if self.value() not in dict(choices):
                raise IncorrectLookupParameters
            return queryset.filter(**{column: self.value()})

    return ChoiceFilter


def of_the_latest(heading: Any) -> Any:
    return format_lazy("{} ({})", heading, _("among the latest 20,000"))


def latest_filter(column: str, heading: Any, choices: list[tuple[str, Any]]) -> type[Filter]:
    """Make the same filter for a column without an index, among the latest rows.

    In `list_filter` it stands after the filters that have an index, so that it is applied to their rows.
    """

    class LatestFilter(choice_filter(column, heading, choices)):  # type: ignore[misc]  # made by a function
        title = of_the_latest(heading)

        def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
            rows = among_the_latest(queryset) if self.value() else queryset
            found: QuerySet[Any] = super().queryset(request, rows)
            return found

    return LatestFilter
