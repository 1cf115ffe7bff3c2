"""Celery's entry points, and what a worker process does when it starts."""

from __future__ import annotations

import atexit
import logging
import signal
import threading
from dataclasses import replace
from typing import Any, cast

from celery import Task, shared_task
from celery.apps import worker as program
from celery.platforms import EX_OK
from celery.signals import celeryd_after_setup, worker_ready
from celery.worker import state
from django.conf import settings
from django.utils import timezone

from common import memory, process_registry
from common.logs import tracing
from scheduling.beat import calendar_alerts, daily_counts
from scheduling.beat.prune import Pruned, prune
from scheduling.beat.prune_failures import prune_failures
from scheduling.kinds.script.kind import SCRIPT
from scheduling.lifecycle import dependency_locks, trials
from scheduling.lifecycle.publish import TASK
from scheduling.worker import trial
from scheduling.worker.attempt import attempt
from scheduling.worker.environments import lock
from scheduling.worker.run_keeper import keeper, set_node_name
from scheduling.worker.script_executor import sandbox_level
from scheduling.worker.turn import end_turns, turn

logger = logging.getLogger(__name__)
_stop = threading.Event()
WRITING_SECONDS = 3.0  # of a soft shutdown, kept to write how the last attempts ended
AT_ONCE = 0.001  # seconds; 0 would set no alarm


@shared_task(bind=True, name=TASK)
def run(self: Task[..., None], trace_id: str) -> None:
    delivered = cast("dict[str, str]", self.request.delivery_info)
    for one in turn(trace_id, delivered["routing_key"]):
        with tracing(one):
            attempt(one)


@shared_task(name=dependency_locks.TASK)
def lock_deps(task_id: int) -> None:
    lock(task_id)


@shared_task(name="scheduling.prune")
def prune_runs() -> None:
    now = timezone.now()
    total = sum(prune(now, settings.KEEP_RUNS_DAYS), Pruned())
    prune_failures(now, settings.KEEP_RUNS_DAYS)
    logger.info("Deleted %s runs and %s deliveries", total.runs, total.deliveries)


@shared_task(name="scheduling.count_days")
def count_days() -> None:
    daily_counts.recount(timezone.now())


@shared_task(name="scheduling.tell_missing_calendars")
def alert_missing_calendars() -> None:
    calendar_alerts.send_alerts(timezone.now())


@shared_task(name=trials.TASK)
def try_script(trial_id: str) -> None:
    trial.attempt(trial_id)


@celeryd_after_setup.connect
def prepare(sender: str, instance: Any, **_: Any) -> None:
    """Prepare a worker that starts: its name for Flower, its log, its memory limit.

    A script worker gets no limit here: its children have limits of their own.
    """
    program.safe_say = _log_quietly  # type: ignore[attr-defined]  # its stubs are old
    set_node_name(sender)
    if SCRIPT.queue not in instance.app.amqp.queues.consume_from:
        memory.limit_memory(settings.IO_MEMORY_MB, threads=instance.concurrency)


def _log_quietly(text: str, *_: Any) -> None:
    """Log what Celery's own function would write past all logging; seen at LOG_LEVEL=DEBUG."""
    logging.getLogger("celery.worker").info(text)


@worker_ready.connect
def announce(sender: Any, **_: Any) -> None:
    who = process_registry.ProcessEntry(
        role="worker",
        name=sender.hostname,
        queues=sorted(queue.name for queue in sender.task_consumer.queues),
        slots=sender.pool.limit or 1,
    )
    threading.Thread(target=_announce_for_ever, args=(who,), daemon=True, name="presence").start()


def _announce_for_ever(who: process_registry.ProcessEntry) -> None:
    if SCRIPT.queue in who.queues:
        who = replace(who, sandbox_level=sandbox_level())
    process_registry.keep_announcing(who, _stop)


@worker_ready.connect
def _on_shutting_down(sender: Any, **_: Any) -> None:
    """Handle signals so that the worker ends when its tasks have ended, or after `SOFT_SHUTDOWN_SECONDS` without them.

    Celery does one or the other. Its own soft shutdown sleeps for all of that time in a signal handler, where nobody
    sees a prefork pool's tasks end. Threads can't be ended from outside: the run keeper releases their runs in time.
    """
    without_them = signal.getsignal(signal.SIGQUIT) if sender.pool.signal_safe else _wait_longer
    signal.signal(signal.SIGALRM, without_them)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, _end_softly)


def _end_softly(*_: Any) -> None:
    """End the worker softly; a second signal ends it at once."""
    seconds = AT_ONCE if keeper().is_leaving else settings.SOFT_SHUTDOWN_SECONDS
    keeper().leave_within(seconds - WRITING_SECONDS)
    end_turns()
    _stop.set()
    state.should_stop = EX_OK  # type: ignore[assignment]  # its stubs are old
    signal.setitimer(signal.ITIMER_REAL, max(seconds, AT_ONCE))
    # Python gives its handlers up before its process ends: the alarm would kill it then.
    atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)


def _wait_longer(*_: Any) -> None: ...
