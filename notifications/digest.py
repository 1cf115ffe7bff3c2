"""Folding: when a robot's messages pile up, the first of them carries the next ones in a digest.

Its rows share `digest_id`, the first one's id, from before it is sent until it ends: whoever sends it again says
the same under the same key. The others wait as `pending` behind the first, and end as it does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from django.db import transaction
from django.utils.translation import gettext

from notifications.markdown.document import Document
from notifications.markdown.fit import fit
from notifications.markdown.writer import written
from notifications.messages import Mentions, Message, read
from notifications.models import Delivery, DeliveryStatus
from notifications.notes import note
from notifications.render import Page, render
from notifications.targets import target_of

MORE_THAN = 60  # messages that wait
FOR = timedelta(minutes=3)
ROWS = 100
# Bytes of markdown that one message of the robot takes, with room for what a renderer adds.
ROOM = {"dingtalk_bot": 15_000, "wecom_bot": 3_500, "feishu_bot": 15_000}
MIN_TEXT = 64  # bytes of each message that must fit beside its title
SHARED = ("sent_at", "errcode", "errmsg", "error")


@dataclass(frozen=True)
class Summary:
    """What a digest says of one message."""

    title: str
    text: str
    mentions: Mentions

    @property
    def head(self) -> str:
        return f"**{self.title}**"

    @property
    def least(self) -> int:
        return len(self.head.encode()) + MIN_TEXT


def gather(first: Delivery, now: datetime) -> list[Delivery]:
    """The rows of the digest that the claimed `first` is to send, itself the first; [] where it goes alone."""
    if first.digest_id == first.pk:
        return [first, *_carried(first)]
    if not _piles_up(first, now):
        return []
    rows = list(_fitting([first, *_next(first, now)]))
    if len(rows) < 2:
        return []
    with transaction.atomic():
        if not first.claimed().update(digest_id=first.pk):
            return []
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(digest_id=first.pk)
    first.digest_id = first.pk
    return [first, *_carried(first)]  # one may have been canceled meanwhile


def _carried(first: Delivery) -> Iterable[Delivery]:
    return Delivery.objects.filter(digest_id=first.pk, status=DeliveryStatus.PENDING).order_by("pk")


def _piles_up(first: Delivery, now: datetime) -> bool:
    """Not where a part of `first` may have arrived: the digest's would be taken for the same message."""
    if first.channel_type not in ROOM or first.attempts or first.parts_sent or now - first.created_at <= FOR:
        return False
    return Delivery.objects.filter(robot=first.robot, status=DeliveryStatus.PENDING).count() >= MORE_THAN


def _next(first: Delivery, now: datetime) -> Iterator[Delivery]:
    """Those that follow it and would go out the same way: no row is passed over, that would change the order."""
    waiting = Delivery.objects.filter(robot=first.robot, status=DeliveryStatus.PENDING).order_by("pk")
    target = target_of(first)

    def goes_along(row: Delivery) -> bool:
        is_fresh = not row.attempts and row.digest_id is None and row.next_attempt_at <= now
        is_on = row.destination is None or row.destination.is_enabled
        return is_fresh and is_on and target_of(row) == target

    return takewhile(goes_along, waiting.select_related("channel", "wecom_app")[: ROWS - 1])


def _fitting(rows: Sequence[Delivery]) -> Iterator[Delivery]:
    left = ROOM[rows[0].channel_type]
    for row in rows:
        summary = summary_of(row)
        left -= summary.least if summary else left + 1
        if left < 0:
            return
        yield row


def summary_of(row: Delivery) -> Summary | None:
    """None where there is nothing to send in it. Any message has a title and markdown: apprise gets them, too."""
    message = read(row.said)
    if message is None:
        return None
    (payload,) = render("apprise", message, Page(title=row.title)).payloads
    return Summary(payload["title"], _without_title(message, payload), message.mentions)


def _without_title(message: Message, payload: Mapping[str, str]) -> str:
    return "" if payload["body"] == payload["title"] else payload["body"]


def result_of(rows: Sequence[Delivery]) -> dict[str, Any]:
    """What the digest says, as a script would have said it: each title, and of each text an equal share."""
    summaries = [summary for row in rows if (summary := summary_of(row))]
    room = ROOM[rows[0].channel_type]
    share = (room - sum(len(summary.head.encode()) for summary in summaries)) // len(summaries)
    mentions = [summary.mentions for summary in summaries]
    return {
        "title": gettext("%(count)d messages in one") % {"count": len(summaries)},
        "content": "\n\n".join(_entry(summary, max(share, MIN_TEXT)) for summary in summaries),
        "at_mobiles": list(dict.fromkeys(who for each in mentions for who in each.mobiles)),
        "at_user_ids": list(dict.fromkeys(who for each in mentions for who in each.user_ids)),
        "at_all": any(each.everyone for each in mentions),
    }


def _entry(summary: Summary, share: int) -> str:
    if not summary.text.strip():
        return summary.head
    return f"{summary.head}\n\n{fit(written(Document(summary.text)), share, most=1).parts[0]}"


def end(first: Delivery, status: DeliveryStatus, changes: Mapping[str, Any]) -> None:
    """What the digest carries ends as it did; it is set free where the digest was canceled."""
    if first.digest_id != first.pk or status == DeliveryStatus.PENDING:
        return
    rows = Delivery.objects.filter(digest_id=first.pk, status=DeliveryStatus.PENDING)
    if status == DeliveryStatus.CANCELED:
        rows.update(digest_id=None)
        return
    said = {name: value for name, value in changes.items() if name in SHARED}
    rows.update(status=status, sealed="", notes=[asdict(note("carried", id=first.pk))], **said)
