"""10,000 tasks due in the same second among 100,000: how long until the last message is in Redis."""

from __future__ import annotations

import json
import threading
import time
from datetime import datetime, timedelta

from bench import tasks
from bench.processes import Processes
from bench.row import Row
from common.redis_client import client
from scheduling.engine import presence
from scheduling.models import Run

TINY = {"enabled": 40, "due": 20}
PATIENCE_SECONDS = 300
WRITTEN_AHEAD = timedelta(seconds=25)  # beat writes the rows that long before: it has to be up by then


def measure(enabled: int = 100_000, due: int = 10_000) -> list[Row]:
    return [_herd(enabled, due, beats) for beats in (1, 2)]


def _herd(enabled: int, due: int, beats: int) -> Row:
    at = tasks.fill(enabled, due, lead=WRITTEN_AHEAD)
    worker = presence.Presence("worker", "bench", ["script"], due)
    stop = threading.Event()
    threading.Thread(target=presence.announce_for_ever, args=(worker, stop), daemon=True).start()
    with Processes() as processes:
        for _ in range(beats):
            processes.beat()
        first, last = _watched(at, due)
    stop.set()
    ids = {json.loads(text)["headers"]["id"] for text in client().lrange("script", 0, -1)}
    details = {"first_s": first, "messages": client().llen("script"), "unique": len(ids)}
    details |= {"rows": Run.objects.count()}
    must, goal = (3, 1.5) if beats == 1 else (None, 1.2)
    what = f"{due:,} due at once of {enabled:,}, {beats} beat{'s' * (beats > 1)}: last message in Redis"
    return Row(what, last, "s", must, goal, details=details)


def _watched(at: datetime, due: int) -> tuple[float, float]:
    """Seconds after `at` when the first and the last message were seen."""
    first = None
    while (seen := client().llen("script")) < due:
        late = time.time() - at.timestamp()
        if seen and first is None:
            first = late
        if late > PATIENCE_SECONDS:
            raise TimeoutError(f"{seen} of {due} came")
        time.sleep(0.005)
    last = time.time() - at.timestamp()
    return round(first or last, 3), round(last, 3)
