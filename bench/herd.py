"""10,000 tasks due in the same second among 100,000: how long until the last message is in Redis.

A worker is only announced, so that nothing but beat works until then; afterwards claimers take the messages.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bench import tasks
from bench.processes import Processes, usage
from bench.row import Row
from bench.yardsticks import apscheduler3, stock
from common import process_registry
from common.redis_client import client
from scheduling.models import Run, RunStatus
from testing.patience import eventually

TINY = {"enabled": 40, "due": 20, "yardstick_due": 20, "lead_seconds": 2}
MARKS = {1: (3, 1.5), 2: (3, 1.2)}  # number of beats: must and goal in seconds
QUEUE = "script"
CLAIMERS = 2
PATIENCE_SECONDS = 300


def measure(
    enabled: int = 100_000, due: int = 10_000, yardstick_due: int = 1_000, lead_seconds: int = 25
) -> list[Row]:
    """Measure one and two beats, and the yardsticks with a smaller herd: stock beat needs 13 minutes for ours.

    `lead_seconds` is the time from when the due time is set, with beats that are up, until it comes; beats write
    rows 20 s ahead.
    """
    tasks.fill(enabled)
    lead = timedelta(seconds=lead_seconds)
    ours = [_herd(enabled, due, beats, lead) for beats in MARKS]
    return [*ours, stock.herd(yardstick_due, lead), *apscheduler3.herd(yardstick_due)]


def _herd(enabled: int, due: int, beats: int, lead: timedelta) -> Row:
    _forget_runs()
    with _slots(due), Processes() as processes:
        running = [processes.beat() for _ in range(beats)]
        eventually(lambda: len(process_registry.living("beat")) == beats, PATIENCE_SECONDS)
        at = tasks.make_due(due, lead)
        eventually(lambda: not tasks.not_yet_fired(at).exists(), PATIENCE_SECONDS)
        ahead, before = _late(at), sum(usage(beat.pid).cpu_seconds for beat in running)
        first, last = _watched(at, due)
        cpu = sum(usage(beat.pid).cpu_seconds for beat in running) - before
    ids = {json.loads(text)["headers"]["id"] for text in client().lrange(QUEUE, 0, -1)}
    details = {
        "first_s": first,
        "rows_stood_s": ahead,
        "beats_cpu_s": round(cpu, 2),
        "messages": client().llen(QUEUE),
        "unique": len(ids),
        "rows": Run.objects.count(),
        "last_claimed_s": _claimed(at, due),
    }
    what = f"{due:,} due at once of {enabled:,}, {beats} beat{'s' * (beats > 1)}: last message in Redis"
    return Row(what, last, "s", *MARKS[beats], details=details)


def _forget_runs() -> None:
    Run.objects.all()._raw_delete(using="default")
    client().flushall()


@contextmanager
def _slots(count: int) -> Iterator[None]:
    """Announce a worker with `count` slots that takes nothing."""
    stop = threading.Event()
    worker = process_registry.ProcessEntry("worker", "bench", [QUEUE], count)
    announcing = threading.Thread(target=process_registry.keep_announcing, args=(worker, stop))
    announcing.start()
    try:
        yield
    finally:
        stop.set()
        announcing.join()


def _watched(at: datetime, due: int) -> tuple[float, float]:
    """Wait for `due` messages; return the seconds after `at` when the first and the last one were seen."""
    eventually(lambda: _late(at) > -0.2)
    first = None
    while (seen := int(client().llen(QUEUE))) < due:
        if seen and first is None:
            first = _late(at)
        if _late(at) > PATIENCE_SECONDS:
            raise TimeoutError(f"{seen} of {due} came")
        time.sleep(0.005)
    last = _late(at)
    return first or last, last


def _late(at: datetime) -> float:
    return round(time.time() - at.timestamp(), 3)


def _claimed(at: datetime, due: int) -> float:
    """Start claimers and return the seconds from the due time to the last claim.

    The beats have ended, so only claimers work.
    """
    with Processes() as processes:
        for _ in range(CLAIMERS):
            processes.start(sys.executable, "-m", "bench.claimer", QUEUE)
        running = Run.objects.filter(status=RunStatus.RUNNING)
        eventually(lambda: running.count() == due, PATIENCE_SECONDS)
    return _late(at)
