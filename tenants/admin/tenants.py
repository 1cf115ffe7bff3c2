"""The admin's page of tenants, which superusers make, and of members, whom a tenant's administrators choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from tenants.access import Actor
from tenants.admin.access import actor, has_role_anywhere, tenant_codes
from tenants.admin.base import ScopedAdmin
from tenants.admin.loaded import LoadedField, LoadedForm
from tenants.admin.write_only import WriteOnlyForm
from tenants.limits import PLATFORM_COLUMNS
from tenants.models import Role, Tenant, TenantMember

if TYPE_CHECKING:
    Inline = admin.TabularInline[Any, Any]
else:
    from unfold.admin import TabularInline as Inline


class MemberForm(LoadedForm):
    """Names a member by user name: a list to choose from would show a tenant who else is on the platform."""

    username = forms.CharField(label=_("user name"), widget=UnfoldAdminTextInputWidget)
    loaded_version = LoadedField()

    class Meta:
        model = TenantMember
        fields = ("role",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():  # a row of a table: its label is the column's heading
            field.widget.attrs["aria-label"] = field.label
        if self.instance.pk:
            self.fields["username"].disabled = True
            self.initial["username"] = self.instance.user.get_username()

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"]).strip()
        user = User.objects.filter(username=name, is_active=True).first()
        if user is None:
            raise ValidationError(_("This user does not exist."))
        self.instance.user = user
        return name

    def clean(self) -> dict[str, Any] | None:
        """Check also that the user is no member yet: Django does not check the uniqueness of columns not shown."""
        there = TenantMember.objects.filter(user=self.instance.user_id, tenant_id=self.instance.tenant_id)
        if self.instance.user_id and not self.instance.pk and there.exists():
            self.add_error("username", _("This user is already a member."))
        return super().clean()


class MemberInline(Inline):
    model = TenantMember
    form = MemberForm
    fields = ("username", "role", "loaded_version")
    extra = 0
    hide_title = True  # the title would repeat the name and the tenant's code

    def _keeps(self, request: HttpRequest, tenant: Tenant | None) -> bool:
        """Return whether the user may manage members. Django also asks without a tenant, before it shows any."""
        who = actor(request)
        return has_role_anywhere(who, Role.ADMIN) if tenant is None else who.may(Role.ADMIN, tenant.code)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("user")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._keeps(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._keeps(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._keeps(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._keeps(request, obj)


class TenantForm(WriteOnlyForm):
    addresses = ("alert_webhook",)


@admin.register(Tenant)
class TenantAdmin(ScopedAdmin):
    form = TenantForm
    list_display = ("name", "code", "is_enabled", "max_running", "max_tasks", "updated_at")
    search_fields = ("code", "name")
    fields = ("code", "name", *PLATFORM_COLUMNS, "alert_webhook")
    inlines = (MemberInline,)

    def tenant_of(self, row: Tenant) -> str:
        return row.code

    def seen(self, rows: QuerySet[Any], who: Actor) -> QuerySet[Any]:
        return rows if who.everything else rows.filter(code__in=tenant_codes(who, self.seen_by))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return actor(request).everything

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return actor(request).everything

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Make the code read-only, to which every row of the tenant points, and its limits, which superusers set."""
        fixed = ["code"] if obj is not None else []
        limits = [] if actor(request).everything else PLATFORM_COLUMNS
        return [*super().get_readonly_fields(request, obj), *fixed, *limits]
