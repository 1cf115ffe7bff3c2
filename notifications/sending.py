"""Sends one claimed delivery, part by part; what the answers mean for it is in verdicts.py."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from functools import cache, partial
from typing import Any, cast

import redis
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections

from common import traces
from common.logs import tracing
from common.redact import Masker, mask_url
from common.redis_client import client
from notifications import digest, outbox, rates, verdicts
from notifications.messages import read
from notifications.models import Delivery, DeliveryStatus
from notifications.notes import Note, note
from notifications.render import Page, Rendered, for_the_record, render
from notifications.senders import SENDERS, Answer, Outcome, RedisTokens, Sender, Target, guarded_clients
from notifications.targets import target_of

logger = logging.getLogger(__name__)
REDIS_AWAY_SECONDS = 5
WRITE_FOR_SECONDS = 90.0  # the claim of three minutes must last longer: after it the sweep decides


@cache
def sender_for(channel_type: str) -> Sender:
    clients = guarded_clients(settings.OUTBOUND_ALLOWED_NETWORKS)
    return SENDERS[channel_type](clients, tokens=RedisTokens(client()))


def drain(robot: str, now: Callable[[], datetime]) -> int:
    """Sends the robot's messages in order until one has to wait; returns how many it dealt with."""
    done = 0
    while delivery := outbox.claim(robot, now()):
        with (
            tracing(delivery.trace_id),
            traces.spanning("deliver", delivery.trace_id, channel=delivery.channel_type),
        ):
            logger.info("Delivery %s to a robot of %s", delivery.pk, delivery.channel_type)
            deliver(delivery, now)
        done += 1
    return done


def deliver(delivery: Delivery, now: Callable[[], datetime]) -> None:
    destination = delivery.destination
    if destination is not None and not destination.is_enabled:
        outbox.close(delivery, DeliveryStatus.CANCELED, error="The channel is switched off.")
        return
    if destination is None and not delivery.address:
        outbox.close(delivery, DeliveryStatus.CANCELED, error="The channel has been deleted.")
        return
    try:
        rendered = _rendered(delivery, now())
    except Exception as error:  # a renderer's fault must end its delivery, not the robot's queue
        logger.exception("Delivery %s can't be rendered", delivery.pk)
        why = f"The platform could not render this message ({type(error).__name__})."
        outbox.close(delivery, DeliveryStatus.FAILED, error=why)
        return
    if rendered is None:
        outbox.close(delivery, DeliveryStatus.FAILED, error="There is nothing to send in the result.")
        return
    _send_parts(delivery, rendered, now)


def _rendered(delivery: Delivery, now: datetime) -> Rendered | None:
    if delivery.channel_type == "json":
        return Rendered((cast(dict[str, Any], delivery.said),))
    if rows := digest.gather(delivery, now):
        return _digest(delivery, rows)
    message = read(delivery.said)
    page = Page(outbox.page_of(delivery.log_id), delivery.title, delivery.smaller)
    return render(delivery.channel_type, message, page) if message else None


def _digest(delivery: Delivery, rows: list[Delivery]) -> Rendered:
    message = read(digest.result_of(rows))
    assert message is not None
    rendered = render(delivery.channel_type, message, Page(smaller=delivery.smaller))
    return rendered.noting(note("digest", count=len(rows)))


def _send_parts(delivery: Delivery, rendered: Rendered, now: Callable[[], datetime]) -> None:
    target = target_of(delivery)
    payloads = rendered.payloads
    Delivery.objects.filter(pk=delivery.pk).update(
        msg_type=_type_of(payloads[0]),
        request={"url": mask_url(target.url), "payloads": [_recorded(delivery, each) for each in payloads]},
        notes=[asdict(each) for each in rendered.notes],
    )
    answer = Answer(Outcome.SENT)  # of a delivery whose last part a dead worker has sent
    for number in range(delivery.parts_sent, len(payloads)):
        if wait := _wait(delivery, now()):
            verdicts.later(delivery, now(), wait)
            return
        answer = _masked(_answer(delivery, target, payloads[number], number), target)
        if not answer.ok:
            _written(partial(verdicts.not_sent, delivery, answer, now()))
            return
        delivery.parts_sent = number + 1
        _written(partial(Delivery.objects.filter(pk=delivery.pk).update, parts_sent=number + 1))
    _written(partial(verdicts.sent, delivery, answer, now()))


def _recorded(delivery: Delivery, payload: dict[str, Any]) -> dict[str, Any]:
    kept = for_the_record(payload)
    return cast(dict[str, Any], Masker(()).mask_tree(kept)) if delivery.sealed else kept


def _written(write: Callable[[], object]) -> None:
    """Keeps trying while the database is away: what has gone out is not to be called unknown for that."""
    give_up = time.monotonic() + WRITE_FOR_SECONDS
    while True:
        try:
            write()
            return
        except (OperationalError, InterfaceError):
            if time.monotonic() > give_up:
                raise
            logger.warning("A message has gone out, the database does not answer yet")
            close_old_connections()
            time.sleep(1)


def _answer(delivery: Delivery, target: Target, payload: dict[str, Any], number: int) -> Answer:
    key = f"{delivery.msg_uuid}-{number}"
    try:
        return sender_for(delivery.channel_type).send(target, payload, key)
    except redis.RedisError as error:  # of the tokens' store, which is asked before anything is sent
        return Answer(Outcome.TRANSIENT, errmsg=f"Redis: {type(error).__name__}")
    except Exception as error:  # a sender's fault must end its attempt, not the worker; it may have sent
        logger.exception("The sender of delivery %s failed", delivery.pk)
        return Answer(Outcome.UNKNOWN, errmsg=f"The platform's sender failed ({type(error).__name__}).")


def _masked(answer: Answer, target: Target) -> Answer:
    mask = Masker(target.secrets).mask
    return replace(answer, errmsg=mask(answer.errmsg), response=mask(answer.response))


def _wait(delivery: Delivery, now: datetime) -> float:
    try:
        return rates.seconds_to_wait(delivery.channel_type, delivery.robot, now.timestamp())
    except redis.RedisError:  # without the shared count a robot could be muted
        return REDIS_AWAY_SECONDS


def _type_of(payload: dict[str, Any]) -> str:
    return str(payload.get("msgtype") or payload.get("msg_type") or "")


def note_texts(rows: list[dict[str, Any]]) -> list[str]:
    """Stored notes in the reader's language."""
    return [Note(row["code"], row["values"]).text for row in rows]
