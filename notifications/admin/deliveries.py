"""Deliveries: one message for one channel, with what the service answered."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from notifications import outbox, sending
from notifications.models import ChannelType, Delivery, DeliveryKind, DeliveryStatus
from tenants import audit
from tenants.admin.access import actor
from tenants.admin.acts import Act
from tenants.admin.base import ReadOnlyAdmin
from tenants.admin.labels import Colour, as_json, label, moment
from tenants.admin.pages import CappedPaginator, TenantFilter, choice_filter

COLOURS: dict[str, Colour] = {
    DeliveryStatus.PENDING: "info",
    DeliveryStatus.SENDING: "info",
    DeliveryStatus.SENT: "success",
    DeliveryStatus.FAILED: "danger",
    DeliveryStatus.UNKNOWN: "warning",
    DeliveryStatus.CANCELED: "default",
}
TYPES = {**dict(ChannelType.choices), "wecom_app": _("WeCom app")}
OPEN = {DeliveryStatus.PENDING.value, DeliveryStatus.SENDING.value}


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    acts = (
        Act("resend", _("Send again"), "forward_to_inbox", offered=lambda row: row.status not in OPEN),
        Act("cancel", _("Cancel"), "block", offered=lambda row: row.status == DeliveryStatus.PENDING),
    )
    paginator = CappedPaginator
    change_form_template = "platform/delivery.html"
    list_display = (
        "id",
        "state",
        "kind",
        "title",
        "goes_to",
        "type_name",
        "tenant",
        "attempts",
        "created",
        "sent",
    )
    list_select_related = ("channel", "wecom_app", "tenant")
    list_filter = (
        TenantFilter,
        choice_filter("status", _("status"), list(DeliveryStatus.choices)),
        choice_filter("kind", _("kind"), list(DeliveryKind.choices)),
    )
    fields = (
        ("state", "kind"),
        ("goes_to", "type_name"),
        "title",
        ("created", "sent"),
        ("attempts", "next_attempt"),
        "answer",
        "note_list",
        "error",
        "payload",
        "response",
    )

    @admin.display(description=_("status"))
    def state(self, row: Delivery) -> str:
        return label(row.get_status_display(), COLOURS[row.status])

    @admin.display(description=_("created"))
    def created(self, row: Delivery) -> str:
        return moment(row.created_at)

    @admin.display(description=_("sent"))
    def sent(self, row: Delivery) -> str:
        return moment(row.sent_at)

    @admin.display(description=_("next attempt"))
    def next_attempt(self, row: Delivery) -> str:
        return moment(row.next_attempt_at) if row.status in OPEN else ""

    @admin.display(description=_("type"))
    def type_name(self, row: Delivery) -> str:
        return str(TYPES.get(row.channel_type, row.channel_type))

    @admin.display(description=_("channel"))
    def goes_to(self, row: Delivery) -> str:
        """An alert's address has neither."""
        return str(row.destination or "")

    @admin.display(description=_("the service's answer"))
    def answer(self, row: Delivery) -> str:
        return f"{row.errcode} {row.errmsg}".strip()

    @admin.display(description=_("notes"))
    def note_list(self, row: Delivery) -> str:
        return "\n".join(sending.note_texts(row.notes))

    @admin.display(description=_("request"))
    def payload(self, row: Delivery) -> str:
        return as_json(row.request)

    def page(self, request: HttpRequest, row: Delivery) -> dict[str, Any]:
        return {"under_way": row.status in OPEN}

    def act_resend(self, request: HttpRequest, row: Delivery) -> None:
        if outbox.resend(row, timezone.now()):
            audit.record(actor(request), "resend", row)
            self.message_user(request, gettext("It is on its way again."), messages.SUCCESS)

    def act_cancel(self, request: HttpRequest, row: Delivery) -> None:
        if outbox.cancel(row):
            audit.record(actor(request), "cancel", row)
            self.message_user(request, gettext("It will not be sent."), messages.SUCCESS)
