"""Beat with 100,000 enabled tasks of which none is due: how soon it works, and what it uses while it waits."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from bench import tasks
from bench.processes import Processes, Usage, usage
from bench.row import Row
from bench.yardsticks import stock
from common import process_registry
from testing.patience import eventually

TINY = {"enabled": 40, "seconds": 2, "yardstick_enabled": 20}
PATIENCE_SECONDS = 300


def measure(enabled: int = 100_000, seconds: int = 30, yardstick_enabled: int = 100_000) -> list[Row]:
    tasks.fill(enabled)
    with Processes() as processes:
        began = time.monotonic()
        beat = processes.beat()
        while not process_registry.living("beat"):
            if beat.poll() is not None or time.monotonic() - began > PATIENCE_SECONDS:
                raise RuntimeError("beat did not come up")
            time.sleep(0.01)
        ours = _watched(beat.pid, began, seconds)
    stock.fill(yardstick_enabled, datetime.now(UTC) + timedelta(hours=6))
    with Processes() as processes:
        began = time.monotonic()
        theirs = _watched(stock.start(processes).pid, began, seconds)
    name = "stock DatabaseScheduler"
    what = f"beat with {enabled:,} enabled"
    details = {"yardstick_enabled": yardstick_enabled}
    return [
        Row(f"{what}: start", ours[0], "s", 2, 1, yardsticks={name: theirs[0]}, details=details),
        Row(f"{what}: RSS", ours[1].rss_mb, "MB", 110, 80, yardsticks={name: theirs[1].rss_mb}),
        Row(f"{what}: CPU when nothing is due", ours[2], "%", 2, 1, yardsticks={name: theirs[2]}),
    ]


def _watched(pid: int, began: float, seconds: int) -> tuple[float, Usage, float]:
    """Watch a process that is now up; return (start, usage, CPU).

    They are the seconds since `began`, the usage after `seconds` more, and the percentage of a core that the process
    took during these.
    """
    start = round(time.monotonic() - began, 2)
    time.sleep(1)  # the first tick has more to do than those that follow
    before, since = usage(pid), time.monotonic()
    eventually(lambda: time.monotonic() > since + seconds)
    after, took = usage(pid), time.monotonic() - since
    return start, after, round(100 * (after.cpu_seconds - before.cpu_seconds) / took, 2)
