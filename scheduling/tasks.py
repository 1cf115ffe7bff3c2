"""Celery entry points, and what a worker process does when it starts."""

from __future__ import annotations

import logging
import os
import signal
import threading
from dataclasses import replace
from functools import partial
from typing import Any

from celery import shared_task
from celery.signals import celeryd_after_setup, worker_ready, worker_shutting_down
from django.conf import settings
from django.utils import timezone

from common import memory
from common.logs import tracing
from scheduling.contexts import trial
from scheduling.contexts.attempt import attempt
from scheduling.contexts.deps import lock
from scheduling.contexts.scripts import sandbox_level
from scheduling.engine import calendar_alerts, days, deps, presence, trials
from scheduling.engine.attendant import attendant, be_called
from scheduling.engine.prune import Pruned, prune
from scheduling.engine.publish import QUEUES, TASK

logger = logging.getLogger(__name__)
_stop = threading.Event()
# What a soft shutdown begins with. Celery's own signal for it comes only when its time is over.
SOFTLY = ("SIGQUIT", "SIGTERM") if os.environ.get("REMAP_SIGTERM") == "SIGQUIT" else ("SIGQUIT",)
WRITING_SECONDS = 3.0  # of a soft shutdown's, kept to write how the last attempts ended


@shared_task(name=TASK)
def run(trace_id: str) -> None:
    with tracing(trace_id):
        attempt(trace_id)


@shared_task(name=deps.TASK)
def lock_deps(task_id: int) -> None:
    lock(task_id)


@shared_task(name="scheduling.prune")
def prune_runs() -> None:
    total = sum(prune(timezone.now(), settings.KEEP_RUNS_DAYS), Pruned())
    logger.info("Deleted %s runs and %s deliveries", total.runs, total.deliveries)


@shared_task(name="scheduling.count_days")
def count_days() -> None:
    days.count(timezone.now())


@shared_task(name="scheduling.tell_missing_calendars")
def tell_missing_calendars() -> None:
    calendar_alerts.tell(timezone.now())


@shared_task(name=trials.TASK)
def try_script(trial_id: str) -> None:
    trial.attempt(trial_id)


@celeryd_after_setup.connect
def prepare(sender: str, instance: Any, **_: Any) -> None:
    """A script worker's children have limits of their own."""
    be_called(sender)
    if QUEUES["script"] not in instance.app.amqp.queues.consume_from:
        memory.limit(settings.IO_MEMORY_MB, threads=instance.concurrency)


@worker_ready.connect
def announce(sender: Any, **_: Any) -> None:
    who = presence.Presence(
        role="worker",
        name=sender.hostname,
        queues=sorted(queue.name for queue in sender.task_consumer.queues),
        slots=sender.pool.limit or 1,
    )
    threading.Thread(target=_be_present, args=(who,), daemon=True, name="presence").start()


def _be_present(who: presence.Presence) -> None:
    if QUEUES["script"] in who.queues:
        who = replace(who, sandbox_level=sandbox_level())
    presence.announce_for_ever(who, _stop)


@worker_ready.connect
def hear_of_the_end(**_: Any) -> None:
    for name in SOFTLY:
        number = signal.Signals[name]
        signal.signal(number, partial(_leave_first, signal.getsignal(number)))


def _leave_first(then: Any, *received: Any) -> None:
    attendant().leave_within(settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT - WRITING_SECONDS)
    then(*received)


@worker_shutting_down.connect
def leave(sender: Any, **_: Any) -> None:
    _stop.set()
