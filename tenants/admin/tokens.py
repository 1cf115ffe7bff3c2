"""The admin's page of API tokens. A token is shown once, after it is made; deleting its row revokes it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from tenants import tokens
from tenants.access import Actor
from tenants.admin.access import actor, tenants_of
from tenants.admin.base import ScopedAdmin
from tenants.models import ApiToken, Role, Tenant


@admin.register(ApiToken)
class ApiTokenAdmin(ScopedAdmin):
    teaches = _("A token lets a program use the REST API on your behalf, with no more rights than your role.")
    list_display = ("name", "begins_with", "user", "tenant", "role", "expires_at", "last_used_at")
    list_select_related = ("user", "tenant")
    search_fields = ("name", "=prefix")
    fields = ("name", "user", "tenant", "role", "expires_at")

    @admin.display(description=_("begins with"))
    def begins_with(self, row: ApiToken) -> str:
        return f"{row.prefix}…"

    def seen(self, rows: QuerySet[Any], who: Actor) -> QuerySet[Any]:
        return rows if who.everything else rows.filter(user_id=who.user_id)

    def may(self, request: HttpRequest, role: Role, row: Any) -> bool:
        """Return whether the token is the user's own, in any role: a token never grants more than its user has."""
        who = actor(request)
        return row is None or who.everything or row.user_id == who.user_id

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def choices(self, request: HttpRequest, target: type[Model]) -> QuerySet[Any]:
        who = actor(request)
        if target is Tenant:
            return tenants_of(who, Role.VIEWER)
        users = User.objects.filter(is_active=True)
        return users if who.everything else users.filter(pk=who.user_id)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> ModelChoiceField[Any] | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is None:
            return None
        if db_field.name == "tenant":
            field.required = field.widget.is_required = False
            field.help_text = str(_("Leave empty for all tenants of the user."))
        else:
            field.initial = actor(request).user_id
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        values = {name: form.cleaned_data[name] for name in ("tenant", "role", "expires_at")}
        row, obj.plain = tokens.issue(obj.user, obj.name, actor(request), **values)
        obj.pk, obj.prefix = row.pk, row.prefix

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        tokens.revoke(obj, actor(request))

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: Any = None) -> HttpResponse:
        """Show the token on this page instead of redirecting: a message would carry it in a cookie.

        The admin's pages are never cached.
        """
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "token": obj,
            "plain": obj.plain,
        }
        return TemplateResponse(request, "platform/token_created.html", context | {"title": _("API token")})
