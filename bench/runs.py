"""Runs per second through the whole engine (released, claimed, logged, finished), doing nothing and as scripts."""

from __future__ import annotations

from django.conf import settings

from bench import platform
from bench.processes import Processes
from bench.row import Row
from bench.yardsticks import apscheduler_jobs, bare_celery

TINY = {"runs": 8, "scripts": 4, "jobs": 3}
TASKS = 200
NOTHING_SLOTS, SCRIPT_SLOTS = 16, settings.SCRIPT_SLOTS


def measure(runs: int = 5000, scripts: int = 2000, jobs: int = 500) -> list[Row]:
    nothing = rate("bench.doing_nothing", NOTHING_SLOTS, runs)
    with Processes() as processes:
        bare = bare_celery.rate(processes, runs, NOTHING_SLOTS)
    apscheduler = jobs / apscheduler_jobs.seconds(apscheduler_jobs.nothing, jobs)
    return [
        Row(
            "runs a second with their durable log, doing nothing",
            nothing,
            "/s",
            300,
            600,
            more_is_better=True,
            yardsticks={"bare Celery, no log": bare, "APScheduler 3, no log": apscheduler},
            details={"runs": runs, "processes": NOTHING_SLOTS},
        ),
        Row(
            "recorded script runs a second",
            rate("celery_app", SCRIPT_SLOTS, scripts),
            "/s",
            120,
            250,
            more_is_better=True,
            details={"runs": scripts, "processes": SCRIPT_SLOTS},
        ),
    ]


def rate(app: str, slots: int, count: int) -> float:
    with Processes() as processes:
        platform.start(processes, slots, app)
        tasks = platform.tasks(min(TASKS, count))
        return count / platform.complete(platform.waiting(tasks, count))
