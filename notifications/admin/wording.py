"""What became of a message, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from notifications.models import Delivery, DeliveryStatus
from tenants.admin.labels import Colour, label

COLOURS: dict[str, Colour] = {
    DeliveryStatus.PENDING: "info",
    DeliveryStatus.SENDING: "info",
    DeliveryStatus.SENT: "success",
    DeliveryStatus.FAILED: "danger",
    DeliveryStatus.UNKNOWN: "warning",
    DeliveryStatus.CANCELED: "default",
}
OUTCOME_TEXTS = {
    DeliveryStatus.PENDING: _("The message is waiting to be sent."),
    DeliveryStatus.SENDING: _("The message is being sent."),
    DeliveryStatus.SENT: _("The service has accepted the message."),
    DeliveryStatus.FAILED: _("The service did not accept the message."),
    DeliveryStatus.UNKNOWN: _(
        "The message may have arrived: the connection or the worker was lost while it was being sent."
    ),
    DeliveryStatus.CANCELED: _("The message was not sent."),
}
RETRYING_TEXT = _("The service has not accepted the message yet; it will be tried again.")


def status_label(row: Delivery) -> str:
    return label(row.get_status_display(), COLOURS[DeliveryStatus(row.status)])


def outcome_text(row: Delivery) -> str:
    waits = row.status == DeliveryStatus.PENDING
    return str(RETRYING_TEXT if waits and row.attempts else OUTCOME_TEXTS[DeliveryStatus(row.status)])
