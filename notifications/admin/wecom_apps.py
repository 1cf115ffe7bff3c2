"""The admin's page of WeCom applications, which write to people instead of groups."""

from __future__ import annotations

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from notifications.admin.destinations import DestinationAdmin
from notifications.models import WeComApp
from tenants.admin.pages import TenantFilter
from tenants.admin.write_only import WriteOnlyForm


class WeComAppForm(WriteOnlyForm):
    addresses = ("proxy_url",)


@admin.register(WeComApp)
class WeComAppAdmin(DestinationAdmin):
    form = WeComAppForm
    teaches = _("An application in your company's WeCom sends messages to people instead of a group.")
    list_display = ("app_name", "corp_id", "agent_id", "tenant", "is_enabled", "state", "last_ok_at")
    list_filter = (TenantFilter,)
    search_fields = ("app_name", "corp_id")
    fieldsets = (
        (None, {"fields": ("tenant", "app_name", "is_enabled")}),
        (_("Application"), {"fields": (("corp_id", "agent_id"), "corp_secret", "api_base")}),
        (_("Recipients"), {"fields": ("to_user", "to_party", "to_tag")}),
        (_("Sending"), {"fields": ("proxy_url",)}),
    )
