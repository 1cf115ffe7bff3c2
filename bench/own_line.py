"""A task's own line: a hundred runs of 10 ms that wait for each other, while there is another tenant."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from bench import platform
from bench.processes import Processes
from bench.row import Row
from scheduling.models import Run, RunStatus, ScheduledTask
from scheduling.tests import make

TINY = {"runs": 3}
SLOTS = settings.SCRIPT_SLOTS
SCRIPT = "import time\ntime.sleep(0.01)"
MINUTE = timedelta(minutes=1)


def measure(runs: int = 100) -> list[Row]:
    """Measure runs that were asked for, due times that are late, and windows that are caught up."""
    with Processes() as processes:
        platform.start(processes, SLOTS)
        make.task(datetime.now(UTC), tenant=make.tenant("other"), cron_expression=platform.NEVER_DUE)
        took = {
            "runs asked for": _asked_for(runs),
            "due times that are late (fire_all)": _late(runs),
            "windows caught up": _windows(runs),
        }
    return [
        Row(f"a task's own line of {runs} {what}: last recorded", seconds, "s", 10, 5)
        for what, seconds in took.items()
    ]


def _asked_for(count: int) -> float:
    task = _task(datetime.now(UTC), cron_expression=platform.NEVER_DUE)
    return _ended(task, count, platform.waiting([task], count))


def _late(count: int) -> float:
    began = time.monotonic()
    task = _task(datetime.now(UTC) - count * MINUTE, misfire_policy="fire_all")
    return _ended(task, count, began)


def _windows(count: int) -> float:
    began = time.monotonic()
    first = datetime.now(UTC) - (count + 0.5) * MINUTE
    task = make.windows_task(first, interval_minutes=1, last_end_time=first, script_content=SCRIPT)
    return _ended(task, count, began)


def _task(since: datetime, **columns: Any) -> ScheduledTask:
    return make.task(since, overlap_policy="queue", script_content=SCRIPT, **columns)


def _ended(task: ScheduledTask, count: int, began: float) -> float:
    ended = Run.objects.filter(task=task, status=RunStatus.SUCCESS).order_by()
    platform.closely(lambda: ended.count() >= count, 0.02)
    return time.monotonic() - began
