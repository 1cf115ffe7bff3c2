"""What all pages of tenants' rows share: who may see and do what, POST acts, and the audit log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import DateTimeField, Model, QuerySet
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.concurrency import NoPlaceError
from tenants import rows
from tenants.access import Actor
from tenants.admin.access import actor, has_role_anywhere, tenant_codes, tenants_of
from tenants.admin.labels import moments
from tenants.admin.pages import CappedPaginator
from tenants.admin.post_actions import Act, Offer, Text
from tenants.admin.related_search import ChoosingAdmin, has_tenant
from tenants.admin.write_only import WriteOnlyForm, shown_names
from tenants.models import Role


class ScopedAdmin(ChoosingAdmin):
    """Shows rows of the user's tenants. Only staff status and membership count, not Django's model permissions."""

    form = WriteOnlyForm
    seen_by = Role.VIEWER
    acts: tuple[Act, ...] = ()
    teaches: Text = ""  # the explanation of these rows that an empty list shows
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # each would count the whole table
    paginator = CappedPaginator
    list_filter_submit = True  # unfold's filters are fields of a form
    list_after_template = "platform/acts_form.html"
    change_form_before_template = "platform/loaded_row.html"
    change_form_outer_before_template = "platform/change_head.html"

    def tenant_of(self, row: Any) -> str | None:
        code: str | None = row.tenant_id
        return code

    # --- who may see and do what

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return self.seen(super().get_queryset(request), actor(request))

    def seen(self, rows: QuerySet[Any], who: Actor) -> QuerySet[Any]:
        return rows if who.everything else rows.filter(tenant_id__in=tenant_codes(who, self.seen_by))

    def may(self, request: HttpRequest, role: Role, row: Any) -> bool:
        """Return whether the user has at least this role in the row's tenant; without a row, in any tenant."""
        who = actor(request)
        return has_role_anywhere(who, role) if row is None else who.may(role, self.tenant_of(row))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.seen_by, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, self.changed_by, None)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.changed_by, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, self.changed_by, obj)

    # --- forms

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Make the tenant read-only once the row exists: its runs, channels and deliveries would be left behind."""
        fixed = ["tenant"] if obj is not None and has_tenant(self.model) else []
        return [*super().get_readonly_fields(request, obj), *fixed]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Hide encrypted columns from users who may only look: to them Django shows columns as they are."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (name, options | {"fields": shown_names(self.form, self.model, options["fields"])})
            for name, options in fieldsets
        ]

    # --- acts

    def get_urls(self) -> list[Any]:
        return [self._act_url(act) for act in self.acts] + super().get_urls()

    def _act_url(self, act: Act) -> Any:
        view = self.admin_site.admin_view(partial(self.perform, act=act))
        return path(f"<path:object_id>/{act.name}/", view, name=self.url_name(act.name))

    def url_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def url(self, page: str, row: Any = None) -> str:
        return reverse(f"admin:{self.url_name(page)}", args=[quote(row.pk)] if row is not None else [])

    def perform(self, request: HttpRequest, object_id: str, act: Act) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.row_for(request, object_id, act.role)
        if not act.offered(row):
            self.message_user(
                request, _("The status has changed in the meantime: nothing was done."), messages.WARNING
            )
            return self.back(request, row)
        do: Callable[[HttpRequest, Any], HttpResponse | None] = getattr(self, f"act_{act.name}")
        try:
            return do(request, row) or self.back(request, row)
        except NoPlaceError:
            self.message_user(
                request,
                _("Too many tests are still running: try again in a moment."),
                messages.WARNING,
            )
            return self.back(request, row)

    def row_for(self, request: HttpRequest, object_id: str, role: Role) -> Any:
        """Return the row for a user who has at least this role in its tenant. Raises Http404, PermissionDenied."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        if not self.may(request, role, row):
            raise PermissionDenied
        return row

    def page_url(self, name: str, view: Callable[..., HttpResponseBase]) -> Any:
        """Return the URL pattern of another page of a row, beside its form."""
        return path(f"<path:object_id>/{name}/", self.admin_site.admin_view(view), name=self.url_name(name))

    def show(
        self, request: HttpRequest, template: str, title: Any, row: Any = None, **more: Any
    ) -> TemplateResponse:
        """Show a page of our own in the admin's frame."""
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "original": row, "title": title}
        return TemplateResponse(request, template, frame | more)

    def back(self, request: HttpRequest, row: Any) -> HttpResponseRedirect:
        """Redirect to the page whose button was pressed, or to the row's form where that is not known to be ours."""
        came_from = request.headers.get("Referer", "")
        safe = url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure())
        return HttpResponseRedirect(came_from if safe else self.url("change", row))

    def offers(self, request: HttpRequest, row: Any, *, in_list: bool = False) -> list[Offer]:
        return [
            Offer(self.url(act.name, row), act.label, act.icon, act.confirm, act.folded)
            for act in self.acts
            if (act.in_list if in_list else act.on_page)
            and act.offered(row)
            and self.may(request, act.role, row)
        ]

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        times = {one.name: one for one in self.opts.concrete_fields if isinstance(one, DateTimeField)}
        listed = super().get_list_display(request)
        columns: list[Any] = [moments(times[name]) if name in times else name for name in listed]
        if not tenants_of(actor(request), self.seen_by).order_by()[1:2]:
            columns = [column for column in columns if column != "tenant"]
        return [*columns, self._acts_column(request)] if any(act.in_list for act in self.acts) else columns

    def _acts_column(self, request: HttpRequest) -> Callable[[Any], str]:
        @admin.display(description=_("actions"))
        def buttons(row: Any) -> str:
            return render_to_string(
                "platform/row_acts.html", {"offers": self.offers(request, row, in_list=True)}
            )

        return buttons

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        row = self.get_object(request, unquote(object_id)) if object_id else None
        beside = {} if row is None else self._beside(request, row)
        try:
            return super().changeform_view(request, object_id, form_url, beside | (extra_context or {}))
        except rows.AlreadyTakenError:
            text = gettext("An entry like this already exists: nothing was saved.")
        except ValidationError as error:  # something has changed between the form's check and the save
            text = " ".join(error.messages)
        self.message_user(request, text, messages.ERROR)
        return HttpResponseRedirect(request.path)

    def _beside(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        keeps = {"show_history": self.may(request, Role.ADMIN, row)}
        return keeps | {"offers": self.offers(request, row)} | self.page(request, row)

    def page(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return what the template of a row's page needs beside its fields."""
        return {}

    # --- the audit log; Django's own log would be a second one, to which no API call writes

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            rows.create(obj, actor(request))
            return
        stored = self.model._default_manager.get(pk=obj.pk)
        columns = {field.name for field in self.opts.concrete_fields}
        values = {name: getattr(obj, name) for name in form.changed_data if name in columns}
        rows.change(stored, values, actor(request))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for row in formset.new_objects:
            rows.create(row, actor(request))
        for row, names in formset.changed_objects:
            stored = type(row)._default_manager.get(pk=row.pk)
            rows.change(stored, {name: getattr(row, name) for name in names}, actor(request))
        for row in formset.deleted_objects:
            rows.delete(row, actor(request))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        rows.delete(obj, actor(request))

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404
        query = urlencode({"object_type": self.opts.model_name, "object_id": row.pk})
        return HttpResponseRedirect(f"{reverse('admin:tenants_auditentry_changelist')}?{query}")


class ReadOnlyAdmin(ScopedAdmin):
    """Shows rows that the platform writes: there may be acts, but no form."""

    actions: Sequence[str] | None = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
