"""How many runs a second the platform does when it has nothing else to do: before all faults, and after them."""

from __future__ import annotations

import time

from django.db import transaction
from django.utils import timezone

from scheduling.engine import changes, requests
from scheduling.models import UNFINISHED, Run, ScheduledTask
from tenants.access import SYSTEM
from tests.callers import tenant
from tests.patience import eventually

NAME = "burst"
TIMES = 3  # the best counts: the machine does other things, too
LEAST_SHARE = 0.95
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
        self.task = changes.create(row, SYSTEM, timezone.now())

    def per_second(self) -> float:
        return max(self._once() for _ in range(TIMES))

    def _once(self) -> float:
        began = time.monotonic()
        with transaction.atomic():
            for _ in range(self.runs):
                requests.run_now(self.task, timezone.now(), "faults")
        open_runs = Run.objects.filter(task=self.task, status__in=UNFINISHED)
        eventually(lambda: not open_runs.exists(), PATIENCE_SECONDS)
        return self.runs / (time.monotonic() - began)


def slower(before: float, after: float) -> list[str]:
    """A violation where the faults have left something behind that costs speed."""
    share = after / before
    print(f"runs a second: {before:.0f} before the faults, {after:.0f} after them ({share:.0%})", flush=True)
    return [f"only {share:.0%} of the runs a second are left"] if share < LEAST_SHARE else []
