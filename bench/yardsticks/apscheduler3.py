"""A yardstick: APScheduler 3 with an SQLite job store, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys

from bench.row import Row


def herd(due: int) -> list[Row]:
    """Measure it with its default grace of a second, then without a grace, when all jobs run, but late."""
    default, patient = _herd(due, "1"), _herd(due, "none")
    what = f"Yardstick: {due:,} due at once, APScheduler 3 on SQLite"
    return [
        Row(f"{what}: ran at all, by default", default["ran"], "runs", more_is_better=True, details=default),
        Row(f"{what}: last run, without a grace", patient["last_s"], "s", details=patient),
    ]


def _herd(due: int, grace: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.yardsticks.apscheduler3_process", str(due), grace]
    found: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return found
