"""The admin's page of channels, the groups that messages go to.

Scheduling registers it, because it knows the tasks that keep a channel from being deleted.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from notifications import channel_types
from notifications.admin.destinations import DestinationAdmin
from tenants.admin.pages import TenantFilter, choice_filter
from tenants.admin.write_only import WriteOnlyForm


class ChannelForm(WriteOnlyForm):
    addresses = ("webhook_url", "proxy_url")


class NotifyChannelAdmin(DestinationAdmin):
    form = ChannelForm
    teaches = _(
        "A channel is a group robot in DingTalk, WeCom or Feishu, or another service. Tasks send "
        "their results to channels."
    )
    list_display = ("channel_name", "channel_type", "tenant", "is_enabled", "state", "last_ok_at")
    list_filter = (TenantFilter, choice_filter("channel_type", _("type"), channel_types.choices()))
    search_fields = ("channel_name", "description")
    fieldsets = (
        (None, {"fields": ("tenant", "channel_name", "channel_type", "description", "is_enabled")}),
        (_("Robot"), {"fields": ("webhook_url", "sign_secret")}),
        (_("Sending"), {"fields": ("table_style", "proxy_url", "max_attempts")}),
    )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        help_texts = {
            "webhook_url": _(
                "Copy it from the group's robot. It is shown masked; leave it unchanged to keep it."
            ),
            "sign_secret": _("The secret (SEC…) of the robot's signature, if it uses one."),
            "table_style": _("Only for DingTalk, whose app on phones does not show tables."),
            "max_attempts": _("How often a message is tried before it counts as failed."),
        }
        return super().get_form(request, obj, change, help_texts=help_texts, **kwargs)
