"""How many runs a second the platform does when it has nothing else to do: before all faults, and after them.

A machine's own speed drifts by a third within minutes, so the figure is a ratio to what the machine does just then.
"""

from __future__ import annotations

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from django.db import transaction
from django.utils import timezone

from scheduling.acts import runs as run_acts
from scheduling.acts import tasks
from scheduling.models import UNFINISHED, Run, ScheduledTask
from tenants.access import SYSTEM
from testing.callers import tenant
from testing.patience import eventually

NAME = "burst"
TIMES = 5  # the median counts: the machine does other things, too
BARE = [sys.executable, "-I", "-S", "-c", "pass"]
STARTS, AT_ONCE = 100, 2
MIN_SHARE = 0.95
PATIENCE_SECONDS = 300.0


class Burst:
    """`runs` no-op scripts, asked for at once."""

    def __init__(self, runs: int) -> None:
        self.runs = runs
        row = ScheduledTask(
            tenant=tenant(),
            task_name=NAME,
            script_content="result = None",
            schedule_type="cron",
            cron_expression="0 0 1 1 *",
            is_enabled=False,
            overlap_policy="allow",
        )
        self.task = tasks.create(row, SYSTEM, timezone.now())

    def speed(self) -> float:
        """Return how many runs are done in the time in which a bare Python starts."""
        return median(self._per_second() / _starts_per_second() for _ in range(TIMES))

    def _per_second(self) -> float:
        began = time.monotonic()
        with transaction.atomic():
            for _ in range(self.runs):
                run_acts.run_now(self.task, SYSTEM, timezone.now())
        open_runs = Run.objects.filter(task=self.task, status__in=UNFINISHED)
        eventually(lambda: not open_runs.exists(), PATIENCE_SECONDS)
        return self.runs / (time.monotonic() - began)


def _starts_per_second() -> float:
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda _: subprocess.run(BARE, check=True), range(STARTS)))
    return STARTS / (time.monotonic() - began)


def slower(before: float, after: float) -> list[str]:
    """A violation where the faults have left something behind that costs speed."""
    share = after / before
    print(
        f"runs while a bare Python starts: {before:.2f} before the faults, {after:.2f} after them ({share:.0%})",
        flush=True,
    )
    return [f"only {share:.0%} of the speed is left"] if share < MIN_SHARE else []
