"""Admin pages that no query string breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.views import ChangeList

from common.fields import fits_into

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = object


class LinkFilteredChangeList(ChangeList):  # type: ignore[misc]  # unfold has no types
    """A list that is filtered only by its own filters and links.

    Django would accept every column and every lookup from the address, and pass the result to the database.
    """

    def get_filters(self, request: HttpRequest) -> Any:
        """Return the filters. Raises IncorrectLookupParameters for any other parameter.

        Django then shows the list without it.
        """
        found = super().get_filters(request)
        if found[2].keys() - set(self.model_admin.asked_by_links):
            raise IncorrectLookupParameters
        return found


class RefusingLists(Base):
    """An admin page whose list refuses unknown filters.

    `asked_by_links` are columns that the platform's own links filter by, beside the filters that readers see.
    """

    asked_by_links: ClassVar[tuple[str, ...]] = ()

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[LinkFilteredChangeList]:
        return LinkFilteredChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list, treating each impossible filter as the first one.

        After a second one in a row Django would report that the database is broken.
        """
        cleaned: Any = request.GET.copy()
        cleaned.pop(ERROR_FLAG, None)
        request.GET = cleaned
        return super().changelist_view(request, extra_context)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Return the row. An empty `_to_field` is ignored: Django would take it for the name of a column."""
        return super().get_object(request, object_id, from_field or None)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Carry out an action on the selected rows.

        Raises BadRequest for an id that no checkbox of a list sends: Django would query the database for any text.
        """
        if not all(fits_into(self.opts.pk, one) for one in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            raise BadRequest
        return super().response_action(request, queryset, *args, **kwargs)
