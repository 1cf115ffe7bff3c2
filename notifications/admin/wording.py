"""What became of a message, in the reader's language."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from notifications.models import Delivery, DeliveryStatus
from tenants.admin.labels import Colour, label, span_text

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
RETRYING_TEXT = _("The service has not accepted the message yet; it will be tried again in %(time)s.")


def status_label(row: Delivery) -> str:
    return label(row.get_status_display(), COLOURS[DeliveryStatus(row.status)])


def outcome_text(row: Delivery, now: datetime) -> str:
    if row.status != DeliveryStatus.PENDING or not row.attempts:
        return str(OUTCOME_TEXTS[DeliveryStatus(row.status)])
    seconds = max(0, (row.next_attempt_at - now).total_seconds())
    return RETRYING_TEXT % {"time": span_text(seconds)}
