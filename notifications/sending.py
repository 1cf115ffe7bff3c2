"""Sends one claimed delivery, part by part; outcomes.py decides what the answers mean for it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache, partial
from typing import Any, TypeVar, cast

import redis
from django.db import InterfaceError, OperationalError

from common import traces
from common.database_errors import for_seconds, repeated_if_deadlocked, repeated_while_away
from common.framework.db_connections import lent_connection
from common.logs import tracing
from common.redact import Masker, mask_url
from common.redis_client import client
from notifications import digest, outbox, outcomes, rates, targets
from notifications.channel_types import CHANNEL_TYPES, TableStyle
from notifications.messages import Message, read
from notifications.models import Delivery, DeliveryStatus, Destination, NotifyChannel
from notifications.notes import Note, note
from notifications.render import Page, Rendered, for_the_record
from notifications.senders import Answer, Outcome, RedisTokens, Sender, Target, guarded_client

logger = logging.getLogger(__name__)
T = TypeVar("T")
REDIS_AWAY_SECONDS = 5
MAX_ANSWER_CHARACTERS = 2000  # of a service's answer
PATIENCE_SECONDS = 90.0  # less than the three minutes of a claim, after which the sweep decides


@cache
def sender_for(channel_type: str) -> Sender:
    return CHANNEL_TYPES[channel_type].sender(guarded_client, tokens=RedisTokens(client()))


def drain(destination_key: str, now: Callable[[], datetime]) -> int:
    """Send the destination's messages in order until one has to wait. Return how many were dealt with."""
    done = 0
    while delivery := _claim(destination_key, now()):
        with (
            tracing(delivery.trace_id),
            traces.spanning("deliver", delivery.trace_id, channel=delivery.channel_type),
        ):
            logger.info("Delivery %s to a robot of %s", delivery.pk, delivery.channel_type)
            deliver(delivery, now)
        done += 1
    return done


def _claim(destination_key: str, now: datetime) -> Delivery | None:
    with lent_connection():
        return repeated_if_deadlocked(lambda: outbox.claim(destination_key, now))


def deliver(delivery: Delivery, now: Callable[[], datetime]) -> None:
    """Send a claimed delivery and write how it ended.

    A database connection is held only while rows are read or written, not while a service takes its time to answer.
    """
    prepared = _repeated_while_away(lambda: _prepare(delivery, now()))
    if prepared is not None:
        _send_parts(delivery, *prepared, now)


def _prepare(delivery: Delivery, now: datetime) -> tuple[Target, Rendered] | None:
    """Return where the delivery goes and what is to be sent; None where it has ended here or its claim is over."""
    destination = delivery.destination
    if destination is not None and not destination.is_enabled:
        outbox.close(delivery, DeliveryStatus.CANCELED, error="The channel is disabled.")
        return None
    if destination is None and not delivery.address:
        outbox.close(delivery, DeliveryStatus.CANCELED, error="The channel has been deleted.")
        return None
    try:
        rendered = _render(delivery, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # a renderer's fault must end its delivery, not block the destination's queue
        logger.exception("Delivery %s can't be rendered", delivery.pk)
        why = f"The platform could not render this message ({type(error).__name__})."
        outbox.close(delivery, DeliveryStatus.FAILED, error=why)
        return None
    if rendered is None:
        outbox.close(delivery, DeliveryStatus.FAILED, error="The result contains nothing to send.")
        return None
    target = targets.target_of(delivery)
    return (target, rendered) if _record(delivery, target, rendered, now) else None


def _render(delivery: Delivery, now: datetime) -> Rendered | None:
    if CHANNEL_TYPES[delivery.channel_type].renderer is None:
        return Rendered((cast(dict[str, Any], delivery.full_message),))
    if rows := digest.gather(delivery, now):
        return _render_digest(delivery, rows)
    message = read(delivery.full_message)
    page = Page(outbox.run_url(delivery.log_id), delivery.title, keeps_tables=keeps_tables(delivery.channel))
    return _render_message(delivery, message, page) if message else None


def keeps_tables(destination: Destination | None) -> bool:
    """Return whether a channel wants tables as they are."""
    return isinstance(destination, NotifyChannel) and destination.table_style == TableStyle.KEEP


def _render_message(delivery: Delivery, message: Message, page: Page) -> Rendered:
    channel_type = CHANNEL_TYPES[delivery.channel_type]
    return (channel_type.render_smaller if delivery.smaller else channel_type.render)(message, page)


def _render_digest(delivery: Delivery, rows: list[Delivery]) -> Rendered:
    message = read(digest.result_of(rows))
    assert message is not None
    return _render_message(delivery, message, Page(keeps_tables=keeps_tables(delivery.channel))).noting(
        note("digest", count=len(rows))
    )


def _record(delivery: Delivery, target: Target, rendered: Rendered, now: datetime) -> int:
    """Record what is about to be sent, and renew the claim. Return 0 where the claim is over.

    From here on the claim lasts its full time, however long the database was away until now.
    """
    until, payloads = now + outbox.CLAIM, rendered.payloads
    changed = delivery.claimed().update(
        claimed_until=until,
        msg_type=_type_of(payloads[0]),
        request={
            "url": mask_url(target.url),
            "payloads": [_payload_to_keep(delivery, each) for each in payloads],
        },
        notes=[asdict(each) for each in rendered.notes],
    )
    delivery.claimed_until = until
    return changed


def _send_parts(delivery: Delivery, target: Target, rendered: Rendered, now: Callable[[], datetime]) -> None:
    payloads = rendered.payloads
    answer = Answer(Outcome.SENT)  # stays where a worker that died had sent the last part already
    for number in range(delivery.parts_sent, len(payloads)):
        if wait := _seconds_to_wait(delivery):
            _repeated_while_away(partial(outcomes.write_pending, delivery, now(), wait))
            return
        answer = _mask(_send_part(delivery, target, payloads[number], number), target)
        if not answer.ok:
            _repeated_while_away(partial(outcomes.write_not_sent, delivery, answer, now()))
            return
        delivery.parts_sent = number + 1
        if not _repeated_while_away(partial(delivery.claimed().update, parts_sent=number + 1)):
            return  # the claim is over: the worker that has it now sends the rest
    _repeated_while_away(partial(outcomes.write_sent, delivery, answer, now()))


def _payload_to_keep(delivery: Delivery, payload: dict[str, Any]) -> dict[str, Any]:
    kept = for_the_record(payload)
    return cast(dict[str, Any], Masker(()).mask_tree(kept)) if delivery.sealed else kept


def _repeated_while_away(ask: Callable[[], T]) -> T:
    """Call `ask`, and again while the database is away: a claimed message must not become `unknown` for that."""

    def once() -> T:
        with lent_connection():
            return ask()

    return repeated_while_away(once, for_seconds(PATIENCE_SECONDS))


def _send_part(delivery: Delivery, target: Target, payload: dict[str, Any], number: int) -> Answer:
    key = f"{delivery.msg_uuid}-{number}"
    try:
        return sender_for(delivery.channel_type).send(target, payload, key)
    except redis.RedisError as error:  # from the store of tokens, which is asked before anything is sent
        return Answer(Outcome.TRANSIENT, errmsg=f"Redis: {type(error).__name__}")
    except Exception as error:  # a sender's fault must end its attempt, not the worker; it may have been sent
        logger.exception("The sender of delivery %s failed", delivery.pk)
        return Answer(Outcome.UNKNOWN, errmsg=f"The platform's sender failed ({type(error).__name__}).")


def _mask(answer: Answer, target: Target) -> Answer:
    masker = Masker(target.secrets)

    def kept(text: str) -> str:
        return masker.mask(masker.cut(text, MAX_ANSWER_CHARACTERS))

    return replace(answer, errmsg=kept(answer.errmsg), response=kept(answer.response))


def _seconds_to_wait(delivery: Delivery) -> float:
    try:
        return rates.seconds_to_wait(delivery.channel_type, delivery.robot)
    except redis.RedisError:  # sending without the shared count could get the robot muted
        return REDIS_AWAY_SECONDS


def _type_of(payload: dict[str, Any]) -> str:
    return str(payload.get("msgtype") or payload.get("msg_type") or "")


def note_texts(rows: list[dict[str, Any]]) -> list[str]:
    """Return a row's stored notes in the reader's language."""
    return [Note(row["code"], row["values"]).text for row in rows]
