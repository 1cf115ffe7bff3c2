"""Celery entry points of the outbox."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from notifications import outbox, sending


@shared_task(name="notifications.drain")
def drain(robot: str) -> None:
    sending.drain(robot, timezone.now)


@shared_task(name="notifications.sweep", send_events=False)  # each 5 s: Flower's list would be full of it
def sweep() -> None:
    for robot in outbox.sweep(timezone.now()):
        drain.delay(robot)
