"""What an answer means for its delivery: sent, tried again later, failed, unknown; and for its destination."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import redis

from common.backoff import backoff_seconds
from notifications import alerts, outbox, rates
from notifications.models import Delivery, DeliveryKind, DeliveryStatus
from notifications.senders import Answer, Outcome

BROKEN = (Outcome.PERMANENT, Outcome.TOKEN)  # the next message would fare no better


def later(delivery: Delivery, now: datetime, seconds: float, **changes: Any) -> None:
    then = now + timedelta(seconds=seconds)
    outbox.close(delivery, DeliveryStatus.PENDING, next_attempt_at=then, **changes)


def sent(delivery: Delivery, answer: Answer, now: datetime) -> None:
    attempts = delivery.attempts + 1
    said = _said(delivery, answer)
    outbox.close(delivery, DeliveryStatus.SENT, sent_at=now, attempts=attempts, error="", **said)
    with suppress(redis.RedisError):  # a longer pause next time, no more
        rates.accepted(delivery.channel_type, delivery.robot)
    _tell_destination(delivery, last_ok_at=now)


def not_sent(delivery: Delivery, answer: Answer, now: datetime) -> None:
    said = _said(delivery, answer) | {"error": answer.errmsg}
    attempts = delivery.attempts + 1
    _tell_destination(delivery, last_error=answer.errmsg[:500], last_error_at=now)
    match answer.outcome:
        case Outcome.RATE:
            later(delivery, now, _pause(delivery, answer, now), **said)
        case Outcome.SIZE if not delivery.smaller:
            later(delivery, now, 0, smaller=True, parts_sent=0, **said)
        case Outcome.UNKNOWN if not answer.may_repeat:
            outbox.close(delivery, DeliveryStatus.UNKNOWN, attempts=attempts, **said)
        case Outcome.TRANSIENT | Outcome.UNKNOWN if attempts < outbox.attempts_at_most(delivery):
            pause = backoff_seconds("exponential", 2, attempts, random.Random())  # noqa: S311  jitter
            later(delivery, now, pause, attempts=attempts, **said)
        case _:
            outbox.close(delivery, DeliveryStatus.FAILED, attempts=attempts, **said)
            _alert_owner(delivery, answer, now)


def _pause(delivery: Delivery, answer: Answer, now: datetime) -> float:
    try:
        seconds = answer.pause_seconds
        return rates.refused(delivery.channel_type, delivery.robot, seconds, now.timestamp())
    except redis.RedisError:  # this row waits, and the robot's others behind it
        return answer.pause_seconds


def _alert_owner(delivery: Delivery, answer: Answer, now: datetime) -> None:
    """Not of a test, whose sender reads the answer, nor of an alert: it would call for the next one."""
    is_told = delivery.kind in (DeliveryKind.RESULT, DeliveryKind.DIRECT)
    if is_told and answer.outcome in BROKEN and delivery.destination is not None:
        alerts.channel_broken(delivery.destination, answer.errmsg, answer.errcode, now)


def _tell_destination(delivery: Delivery, **columns: Any) -> None:
    if (row := delivery.destination) is not None:
        type(row)._default_manager.filter(pk=row.pk).update(**columns)


def _said(delivery: Delivery, answer: Answer) -> dict[str, Any]:
    said = {"errcode": answer.errcode[:32], "errmsg": answer.errmsg[:500], "response": answer.response}
    if answer.note is None:
        return said
    notes = Delivery.objects.filter(pk=delivery.pk).values_list("notes", flat=True).get()
    return said | {"notes": [*notes, asdict(answer.note)]}
