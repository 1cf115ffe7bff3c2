"""Celery entry points of the outbox."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_ready
from django.conf import settings
from django.utils import timezone

from common.framework.db_connections import lent_connection
from notifications import outbox, sending
from notifications.shares import SlotShares

shares = SlotShares(settings.NOTIFY_SLOTS)


@worker_ready.connect
def read_slots(sender: Any, **_: Any) -> None:
    shares.slots = sender.pool.limit or 1


@shared_task(name="notifications.drain")
def drain(destination_key: str, tenant: str = "") -> None:
    shares.work(tenant, destination_key, lambda key: sending.drain(key, timezone.now))


@shared_task(name="notifications.sweep", send_events=False)  # every 5 s: events would fill Flower's list
def sweep() -> None:
    with lent_connection():
        tenant_by_destination = outbox.sweep(timezone.now())
    for destination_key, tenant_id in tenant_by_destination.items():
        drain.delay(destination_key, tenant_id or "")
