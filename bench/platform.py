"""What the measures of runs share: they start a platform, make tasks to run, and wait closely for their ends."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from bench.processes import Processes
from common import process_registry
from scheduling.acts import runs as run_acts
from scheduling.lifecycle.new_run import new_run
from scheduling.models import UNFINISHED, Run, RunStatus, ScheduledTask, Trigger
from scheduling.tests import make
from tenants.access import SYSTEM
from testing.patience import eventually

PATIENCE_SECONDS = 300
NEVER_DUE = "0 0 29 2 *"
SCRIPT = "log('hello')\nresult = 1"


def start(processes: Processes, slots: int, app: str = "celery_app") -> None:
    """Start a beat and a script worker, and wait until each of the worker's processes has run a first script."""
    processes.beat()
    processes.prefork(app, slots, "script")
    eventually(lambda: process_registry.living("worker") and process_registry.living("beat"))
    complete(waiting(tasks(8 * slots), 8 * slots))


def tasks(count: int, script: str = SCRIPT) -> list[ScheduledTask]:
    now = datetime.now(UTC)
    return [make.task(now, cron_expression=NEVER_DUE, script_content=script) for _ in range(count)]


def waiting(of: list[ScheduledTask], count: int) -> float:
    """Insert `count` runs that may begin at once, and return the monotonic time when they were committed."""
    now = datetime.now(UTC)
    runs = [new_run(of[n % len(of)], Trigger.API, now) for n in range(count)]
    for run in runs:
        run.waits = True
    Run.objects.bulk_create(runs)
    return time.monotonic()


def complete(began: float) -> float:
    """Wait until all runs have ended; return the seconds since `began`. Raises RuntimeError if one did not succeed."""
    left = Run.objects.filter(status__in=UNFINISHED).order_by()
    closely(lambda: not left.exists(), 0.05)  # each look slows down what is measured
    took = time.monotonic() - began
    if failed := Run.objects.exclude(status=RunStatus.SUCCESS).first():
        raise RuntimeError(f"{failed.status}: {failed.error}")
    return took


def has_succeeded(run_id: int) -> bool:
    return Run.objects.filter(pk=run_id, status=RunStatus.SUCCESS).exists()


def run_now(task: ScheduledTask) -> int:
    return run_acts.run_now(task, SYSTEM, datetime.now(UTC)).pk


def closely(found: Callable[[], bool], pause: float = 0.0005) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not found():
        if time.monotonic() > give_up:
            raise TimeoutError("it never came true")
        time.sleep(pause)
