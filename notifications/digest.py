"""Digests: when a robot's messages pile up, the first of them carries the next ones.

The rows of a digest share `digest_id`, the first one's id, from before it is sent until it ends: a worker that sends
it again sends the same text under the same key. The other rows wait as `pending` behind the first, and end as it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from notifications.channel_types import APPRISE, CHANNEL_TYPES
from notifications.markdown.document import Document
from notifications.markdown.fit import fit
from notifications.markdown.writer import written
from notifications.messages import Mentions, Message, read
from notifications.models import Delivery, DeliveryStatus
from notifications.notes import note
from notifications.render import Page
from notifications.targets import target_of

# A digest is made where at least so many messages wait, and the first has waited longer than this.
MORE_THAN = 60
MIN_AGE = timedelta(minutes=3)
ROWS = 100  # of one digest
MIN_TEXT = 64  # bytes of each message that must fit beside its title
SHARED_COLUMNS = ("sent_at", "errcode", "errmsg", "error")


@dataclass(frozen=True)
class Summary:
    """One message as a digest carries it."""

    title: str
    text: str
    mentions: Mentions

    @property
    def head(self) -> str:
        return f"**{self.title}**"

    @property
    def min_size(self) -> int:
        return len(self.head.encode()) + MIN_TEXT


def gather(first: Delivery, now: datetime) -> list[Delivery]:
    """Return the rows of the digest that the claimed `first` is to send, beginning with itself.

    [] where it is sent alone. A new digest is recorded in its rows before it is returned.
    """
    if first.digest_id == first.pk:
        return [first, *_carried(first)]
    if not _piles_up(first, now):
        return []
    rows = list(_those_that_fit([first, *_followers(first, now)]))
    if len(rows) < 2:
        return []
    with transaction.atomic():
        if not first.claimed().update(digest_id=first.pk):
            return []
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(digest_id=first.pk)
    first.digest_id = first.pk
    return [first, *_carried(first)]  # read again: one may have been canceled meanwhile


def _carried(first: Delivery) -> Iterable[Delivery]:
    return Delivery.objects.filter(digest_id=first.pk, status=DeliveryStatus.PENDING).order_by("pk")


def _piles_up(first: Delivery, now: datetime) -> bool:
    """Return whether so many messages wait behind `first` that it should carry them.

    Never where a part of `first` may have arrived: the service would take the digest for the same message.
    """
    if not _room(first) or first.attempts or first.parts_sent or now - first.created_at <= MIN_AGE:
        return False
    return Delivery.objects.filter(robot=first.robot, status=DeliveryStatus.PENDING).count() >= MORE_THAN


def _room(row: Delivery) -> int:
    return CHANNEL_TYPES[row.channel_type].digest_bytes


def _followers(first: Delivery, now: datetime) -> Iterator[Delivery]:
    """Return the rows that follow `first` and would be sent the same way, up to the one that would not.

    No row is passed over: that would change the order.
    """
    waiting = Delivery.objects.filter(robot=first.robot, status=DeliveryStatus.PENDING).order_by("pk")
    target = target_of(first)

    def goes_along(row: Delivery) -> bool:
        is_fresh = not row.attempts and row.digest_id is None and row.next_attempt_at <= now
        is_on = row.destination is None or row.destination.is_enabled
        return is_fresh and is_on and target_of(row) == target

    return takewhile(goes_along, waiting.select_related("channel", "wecom_app")[: ROWS - 1])


def _those_that_fit(rows: Sequence[Delivery]) -> Iterator[Delivery]:
    left = _room(rows[0])
    for row in rows:
        summary = summary_of(row)
        left -= summary.min_size if summary else left + 1
        if left < 0:
            return
        yield row


def summary_of(row: Delivery) -> Summary | None:
    """Return a message's title and text, taken from its rendering for apprise, which gives every type both.

    None where there is nothing to send in it.
    """
    message = read(row.full_message)
    if message is None:
        return None
    (payload,) = APPRISE.render(message, Page(title=row.title)).payloads
    return Summary(payload["title"], _without_title(message, payload), message.mentions)


def _without_title(message: Message, payload: Mapping[str, str]) -> str:
    return "" if payload["body"] == payload["title"] else payload["body"]


def result_of(rows: Sequence[Delivery]) -> dict[str, Any]:
    """Return the digest as a script's result: each message's title, and of each text an equal share of the room."""
    summaries = [summary for row in rows if (summary := summary_of(row))]
    room = _room(rows[0])
    share = (room - sum(len(summary.head.encode()) for summary in summaries)) // len(summaries)
    mentions = [summary.mentions for summary in summaries]
    return {
        "title": gettext("%(count)d messages in one") % {"count": len(summaries)},
        "content": "\n\n".join(_summary_text(summary, max(share, MIN_TEXT)) for summary in summaries),
        "at_mobiles": list(dict.fromkeys(who for each in mentions for who in each.mobiles)),
        "at_user_ids": list(dict.fromkeys(who for each in mentions for who in each.user_ids)),
        "at_all": any(each.everyone for each in mentions),
    }


def _summary_text(summary: Summary, share: int) -> str:
    if not summary.text.strip():
        return summary.head
    return f"{summary.head}\n\n{fit(written(Document(summary.text)), share, max_parts=1).parts[0]}"


def end(first: Delivery, status: DeliveryStatus, changes: Mapping[str, Any]) -> None:
    """End what the digest carries in the same way as the digest, or set it free where the digest was canceled.

    `first` is the digest's own delivery; nothing is done for any other, or while it is tried again.
    """
    if first.digest_id != first.pk or status == DeliveryStatus.PENDING:
        return
    rows = Delivery.objects.filter(digest_id=first.pk, status=DeliveryStatus.PENDING)
    if status == DeliveryStatus.CANCELED:
        rows.update(digest_id=None)
        return
    shared_changes = {name: value for name, value in changes.items() if name in SHARED_COLUMNS}
    rows.update(status=status, sealed="", notes=[asdict(note("carried", id=first.pk))], **shared_changes)
