"""200 scripts due at the same instant, fired by beat: how long until the last is finished and recorded."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

from django.conf import settings

from bench import platform
from bench.processes import Processes
from bench.row import Row
from bench.yardsticks import apscheduler_jobs
from scheduling.models import Run, RunStatus, ScheduledTask

TINY = {"scripts": 4}
SLOTS = settings.SCRIPT_SLOTS
LEAD = timedelta(seconds=3)


def measure(scripts: int = 200) -> list[Row]:
    with Processes() as processes:
        platform.start(processes, SLOTS)
        took = _due_at_once(scripts)
    others = apscheduler_jobs.seconds(apscheduler_jobs.script, scripts)
    what = f"{scripts} scripts due at once: last finished and recorded"
    yardstick = {"APScheduler 3, scripts in subprocesses": others}
    return [Row(what, took, "s", 2.2, 1.5, yardsticks=yardstick, details={"processes": SLOTS})]


def _due_at_once(count: int) -> float:
    tasks = [task.pk for task in platform.tasks(count)]
    at = (datetime.now(UTC) + LEAD).replace(microsecond=0)
    cron = f"{at.second} {at.minute} {at.hour} * * *"
    ScheduledTask.objects.filter(pk__in=tasks).update(cron_expression=cron, next_run_at=at)
    ended = Run.objects.filter(task_id__in=tasks, status=RunStatus.SUCCESS).order_by()
    time.sleep(max(0.0, (at - datetime.now(UTC)).total_seconds()))
    platform.closely(lambda: ended.count() == count, 0.02)
    return (datetime.now(UTC) - at).total_seconds()
