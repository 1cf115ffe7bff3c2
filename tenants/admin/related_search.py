"""Form fields that find related rows by searching: a list of all rows would grow with the data.

Each select asks its own admin page, at `choose/<field>/`, which offers only rows that its form would take.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db.models import Field, ForeignKey, Model, QuerySet
from django.forms import Field as FormField
from django.forms import ModelChoiceField, ModelMultipleChoiceField
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import path, reverse
from django.utils.translation import gettext

from common.fields import fits_into
from common.framework.admin_lists import RefusingLists
from tenants.admin.access import actor, tenant_codes, tenants_of
from tenants.admin.pages import CappedPaginator
from tenants.models import Role, Tenant

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
    Many = ModelMultipleChoiceField[Any]
else:
    from unfold.admin import ModelAdmin as Base

    Many = ModelMultipleChoiceField

PAGE_SIZE = 20


class Searched:
    """A select that searches. `only`: the tenant whose rows are offered, where the form's row has one already."""

    choices: Any
    field: Field[Any, Any]
    only: str | None = None

    def get_url(self) -> str:
        opts = self.field.model._meta
        url = reverse(f"admin:{opts.app_label}_{opts.model_name}_choose", args=[self.field.name])
        return f"{url}?tenant={self.only}" if self.only else url

    def format_value(self, value: Any) -> list[str]:
        """Return the values that the column can hold: a refused form is shown again with everything that was sent."""
        options = self.choices.queryset.model._meta
        stored = getattr(self.choices.field, "to_field_name", None)
        key = options.get_field(stored) if stored else options.pk
        sent: list[str] = super().format_value(value)  # type: ignore[misc]  # of the widget beside it
        return [one for one in sent if not one or fits_into(key, one)]

    def build_attrs(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        attrs: dict[str, Any] = super().build_attrs(*args, **kwargs)  # type: ignore[misc]  # of the widget beside it
        return attrs | {"data-placeholder": gettext("Search…")}


class Search(Searched, AutocompleteSelect):
    pass


class SearchMany(Searched, AutocompleteSelectMultiple):
    """The select of a column that holds a list of ids."""

    def optgroups(self, name: str, value: Sequence[str], attr: Mapping[str, Any] | None = None) -> Any:
        """Return the options that are chosen. Django's own method asks a relation, which such a column is not."""
        rows = self.choices.queryset.filter(pk__in=[one for one in value if one])
        return [
            (None, [self.create_option(name, row.pk, str(row), True, n) for n, row in enumerate(rows)], 0)
        ]


class NumbersField(Many):
    """Lets the user choose rows, and stores their ids in the column."""

    def clean(self, value: Any) -> Any:
        assert self.queryset is not None
        for one in value or ():
            if not fits_into(self.queryset.model._meta.pk, one):
                text = self.error_messages["invalid_pk_value"]
                raise ValidationError(text, "invalid_pk_value", {"pk": one})
        return [row.pk for row in super().clean(value)]


def limit_to_tenant(field: FormField, tenant_id: str) -> None:
    """Restrict a field to the rows of one tenant."""
    assert isinstance(field, ModelChoiceField)
    assert field.queryset is not None
    field.queryset = field.queryset.filter(tenant_id=tenant_id)
    search: Any = getattr(field.widget, "widget", field.widget)  # Django wraps a relation's
    search.only = tenant_id


class ChoosingAdmin(RefusingLists, Base):
    changed_by = Role.ADMIN
    chosen: Mapping[str, type[Model]] = {}  # by column that holds a list of ids: the table they are of

    def choices(self, request: HttpRequest, target: type[Model]) -> QuerySet[Any]:
        """Return the rows of a related table that a form of these pages takes."""
        who = actor(request)
        if target is Tenant:
            return tenants_of(who, self.changed_by)
        rows = target._default_manager.all()
        if who.everything or not has_tenant(target):
            return rows
        return rows.filter(tenant_id__in=tenant_codes(who, self.changed_by))

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        who, target = actor(request), db_field.remote_field.model
        kwargs |= {"queryset": self.choices(request, target), "widget": Search(db_field, self.admin_site)}
        if target is Tenant:
            codes = [*kwargs["queryset"].order_by().values_list("code", flat=True)[:2]]
            kwargs["initial"] = codes[0] if len(codes) == 1 else None
            if not who.everything:  # rows without a tenant are the superusers'
                kwargs["required"] = True
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_choose"
        view = self.admin_site.admin_view(self.choose_view)
        return [path("choose/<str:column>/", view, name=name), *super().get_urls()]

    def choose_view(self, request: HttpRequest, column: str) -> JsonResponse:
        """Answer `?term=&page=&tenant=` as select2 reads it. The tenant can only reduce what is offered."""
        if not (self.has_add_permission(request) or self.has_change_permission(request)):
            raise PermissionDenied
        target, key = self._related(column)
        rows, pages = self.choices(request, target), self.admin_site.get_model_admin(target)
        only = request.GET.get("tenant")
        if owned := has_tenant(target):
            rows = rows.filter(tenant_id=only) if only else rows.select_related("tenant")
        found, _ = pages.get_search_results(request, rows, request.GET.get("term", ""))
        ordered = found.order_by(*pages.get_ordering(request) or ["pk"])
        page = CappedPaginator(ordered, PAGE_SIZE).get_page(request.GET.get("page"))
        named = owned and not only and len(actor(request).roles) != 1
        offered = [
            {"id": str(getattr(row, key)), "text": f"{row} · {row.tenant}" if named else str(row)}
            for row in page
        ]
        return JsonResponse({"results": offered, "pagination": {"more": page.has_next()}})

    def _related(self, column: str) -> tuple[type[Model], str]:
        """Return the related table, and the column of it that is stored. Raises Http404."""
        if column in self.chosen:
            return self.chosen[column], "pk"
        try:
            field = self.opts.get_field(column)
        except FieldDoesNotExist as error:
            raise Http404 from error
        if not isinstance(field, ForeignKey) or field.remote_field.model not in self.admin_site._registry:
            raise Http404
        return field.remote_field.model, field.target_field.attname


def has_tenant(model: type[Model]) -> bool:
    return any(isinstance(field, Field) and field.name == "tenant" for field in model._meta.get_fields())
