"""Celery entry points of the outbox."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from common.turns import turn
from notifications import outbox, sending


@shared_task(name="notifications.drain")
def drain(robot: str) -> None:
    sending.drain(robot, timezone.now)


@shared_task(name="notifications.sweep")
def sweep() -> None:
    with turn():
        robots = outbox.sweep(timezone.now())
    for robot in robots:
        drain.delay(robot)
