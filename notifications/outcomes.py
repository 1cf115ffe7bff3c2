"""What an answer means for its delivery (sent, tried again later, failed, unknown) and for its destination."""

from __future__ import annotations

import random
import uuid
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import redis
from django.db import transaction

from common.backoff import backoff_seconds
from notifications import alerts, outbox, rates
from notifications.models import Delivery, DeliveryKind, DeliveryStatus
from notifications.senders import Answer, Outcome

BROKEN = (Outcome.PERMANENT, Outcome.TOKEN)  # the next message would be refused as well


def write_pending(delivery: Delivery, now: datetime, seconds: float, **changes: Any) -> bool:
    then = now + timedelta(seconds=seconds)
    return outbox.close(delivery, DeliveryStatus.PENDING, next_attempt_at=then, **changes)


def write_sent(delivery: Delivery, answer: Answer, now: datetime) -> None:
    attempts = delivery.attempts + 1
    with transaction.atomic():
        answer_columns = _answer_columns(delivery, answer)
        if outbox.close(
            delivery, DeliveryStatus.SENT, sent_at=now, attempts=attempts, error="", **answer_columns
        ):
            _update_destination(delivery, last_ok_at=now)
    with suppress(redis.RedisError):  # costs no more than a longer pause next time
        rates.forget_refusals(delivery.channel_type, delivery.robot)


def write_not_sent(delivery: Delivery, answer: Answer, now: datetime) -> None:
    """Write what an answer other than success means for the delivery and its destination.

    Where the claim is over nothing is written: the worker that has the delivery now writes its own outcome.
    """
    pause = _pause_destination(delivery, answer) if answer.outcome == Outcome.RATE else 0
    with transaction.atomic():
        if _write_by_outcome(delivery, answer, now, pause):
            _update_destination(delivery, last_error=_error_text(answer)[:500], last_error_at=now)


def _write_by_outcome(delivery: Delivery, answer: Answer, now: datetime, pause: float) -> bool:
    answer_columns = _answer_columns(delivery, answer) | {"error": answer.errmsg}
    attempts = delivery.attempts + 1
    match answer.outcome:
        case Outcome.RATE:
            return write_pending(delivery, now, pause, **answer_columns)
        case Outcome.SIZE if not delivery.smaller:
            # The parts differ from those before: under the old keys DingTalk would drop them as repetitions.
            anew = {"smaller": True, "parts_sent": 0, "msg_uuid": uuid.uuid4().hex}
            return write_pending(delivery, now, 0, **anew, **answer_columns)
        case Outcome.UNKNOWN if not answer.may_repeat:
            return outbox.close(delivery, DeliveryStatus.UNKNOWN, attempts=attempts, **answer_columns)
        case Outcome.TRANSIENT | Outcome.UNKNOWN if attempts < outbox.max_attempts(delivery):
            backoff = backoff_seconds("exponential", 2, attempts, random.Random())  # noqa: S311  jitter
            return write_pending(delivery, now, backoff, attempts=attempts, **answer_columns)
        case _:
            closed = outbox.close(delivery, DeliveryStatus.FAILED, attempts=attempts, **answer_columns)
            if closed:
                _alert_owner(delivery, answer, now)
            return closed


def _error_text(answer: Answer) -> str:
    """Return code and text as the service's own pages write them: `310000: sign not match`."""
    return f"{answer.errcode}: {answer.errmsg}" if answer.errcode else answer.errmsg


def _pause_destination(delivery: Delivery, answer: Answer) -> float:
    try:
        return rates.record_refusal(delivery.channel_type, delivery.robot, answer.pause_seconds)
    except redis.RedisError:  # this row waits all the same, and the robot's others behind it
        return answer.pause_seconds


def _alert_owner(delivery: Delivery, answer: Answer, now: datetime) -> None:
    """Send an alert to the destination's owner where the next message would be refused as well.

    A failed test raises no alert, because its sender reads the answer; nor does a failed alert, which would cause
    the next one.
    """
    is_news = delivery.kind in (DeliveryKind.RESULT, DeliveryKind.DIRECT)
    if is_news and answer.outcome in BROKEN and delivery.destination is not None:
        alerts.alert_owner(delivery.destination, answer.errmsg, answer.errcode, now)


def _update_destination(delivery: Delivery, **columns: Any) -> None:
    if (row := delivery.destination) is not None:
        type(row)._default_manager.filter(pk=row.pk).update(**columns)


def _answer_columns(delivery: Delivery, answer: Answer) -> dict[str, Any]:
    answer_columns = {
        "errcode": answer.errcode[:32],
        "errmsg": answer.errmsg[:500],
        "response": answer.response,
    }
    if answer.note is None:
        return answer_columns
    notes = Delivery.objects.filter(pk=delivery.pk).values_list("notes", flat=True).get()
    return answer_columns | {"notes": [*notes, asdict(answer.note)]}
