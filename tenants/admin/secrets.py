"""The admin's pages of secrets and settings that scripts read.

A tenant's administrators keep them; their values are write-only.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminNullBooleanSelectWidget, UnfoldAdminTextareaWidget

from tenants.admin.base import ScopedAdmin
from tenants.admin.pages import TenantFilter
from tenants.admin.write_only import WriteOnlyForm
from tenants.models import Role, Secret, TenantConfig, secret_scope
from tenants.secret_names import is_secret_name


class SecretForm(WriteOnlyForm):
    lines = ("value",)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        tenant = cleaned["tenant"].code if cleaned.get("tenant") else self.instance.tenant_id
        same = Secret.objects.filter(scope_key=secret_scope(tenant, cleaned.get("secret_key", "")))
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("secret_key", _("A secret with this key already exists."))
        return cleaned


@admin.register(Secret)
class SecretAdmin(ScopedAdmin):
    form = SecretForm
    teaches = _(
        "A secret is a value that scripts read with get_secret(key). "
        "It is encrypted, never shown, and masked in every log."
    )
    seen_by = Role.ADMIN
    list_display = ("secret_key", "tenant", "is_shared", "description", "updated_at")
    list_select_related = ("tenant",)
    list_filter = (TenantFilter,)
    search_fields = ("secret_key", "description")
    fields = ("tenant", "secret_key", "value", "is_shared", "description")


def _secret_form() -> forms.Select:
    widget: forms.Select = UnfoldAdminNullBooleanSelectWidget()
    widget.choices = [("unknown", _("depends on the key")), ("true", _("yes")), ("false", _("no"))]
    return widget


class TenantConfigForm(WriteOnlyForm):
    """Shows a plain value, but not one that is marked secret: to make that plain, it has to be entered again."""

    lines = ("value",)
    is_secret = forms.NullBooleanField(
        label=_("secret"),
        required=False,
        widget=_secret_form(),
        help_text=_("A key that ends in key, token, secret or password is treated as secret."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.was_secret = bool(self.instance.pk and self.instance.is_secret)
        if "value" in self.fields and not self.was_secret:
            self.fields["value"] = forms.CharField(
                label=self.fields["value"].label, required=False, widget=UnfoldAdminTextareaWidget
            )
            self.initial.setdefault("value", "")
            self.initial["value"] = self.stored.pop("value")

    def clean(self) -> dict[str, Any] | None:
        entered = self.cleaned_data.get("value", "")
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("is_secret") is None:
            cleaned["is_secret"] = is_secret_name(cleaned.get("config_key", ""))
        if self.was_secret and not cleaned["is_secret"] and not entered:
            self.add_error("value", _("Enter the value again: secret values are never shown."))
        return cleaned


@admin.register(TenantConfig)
class TenantConfigAdmin(ScopedAdmin):
    form = TenantConfigForm
    teaches = _("A setting is a value that scripts read with get_tenant_config(tenant_id, app_code, key).")
    seen_by = Role.ADMIN
    list_display = ("config_key", "app_code", "tenant", "shown_value", "is_secret")
    list_select_related = ("tenant",)
    list_filter = (TenantFilter,)
    search_fields = ("app_code", "config_key")
    fields = ("tenant", "app_code", "config_key", "is_secret", "value")

    @admin.display(description=_("value"))
    def shown_value(self, row: TenantConfig) -> str:
        if row.is_secret:
            return str(_("set") if row.value else _("not set"))
        return row.value if len(row.value) <= 80 else row.value[:79] + "…"
