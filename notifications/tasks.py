"""Celery entry points of the outbox."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.utils import timezone

from common.framework.db_connections import lent_connection
from notifications import outbox, sending
from notifications.shares import Shares

shares = Shares(settings.NOTIFY_SLOTS)


@worker_ready.connect
def know_slots(sender: Any, **_: Any) -> None:
    shares.slots = sender.pool.limit or 1


@shared_task(name="notifications.drain")
def drain(robot: str, tenant: str = "") -> None:
    shares.work(tenant, robot, lambda mine: sending.drain(mine, timezone.now))


@shared_task(name="notifications.sweep", send_events=False)  # every 5 s: events would fill Flower's list
def sweep() -> None:
    with lent_connection():
        robots = outbox.sweep(timezone.now())
    for robot, tenant_id in robots.items():
        drain.delay(robot, tenant_id or "")
