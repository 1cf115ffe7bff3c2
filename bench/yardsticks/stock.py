"""A yardstick: django-celery-beat's own DatabaseScheduler, with the same number of schedules or fewer."""

from __future__ import annotations

import subprocess
import time
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks

from bench.processes import Processes
from bench.row import Row
from common.redis_client import client
from scheduling.tests import history
from testing.patience import eventually

SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
QUEUE, SIGN = "stock", "sign-of-life"
EXPRESSIONS = 60
PATIENCE_SECONDS = 600


def herd(due: int, lead: timedelta) -> Row:
    """Measure crontabs that come due at the same full minute, at least `lead` away: it has to load them first."""
    at = (datetime.now(UTC) + lead + timedelta(minutes=1)).replace(second=0, microsecond=0)
    fill(due, at)
    with Processes() as processes:
        start(processes)
        eventually(lambda: client().llen(QUEUE) >= due, PATIENCE_SECONDS)
        took = time.time() - at.timestamp()
    return Row(f"Yardstick: {due:,} due at once, stock DatabaseScheduler: last message", round(took, 2), "s")


def start(processes: Processes) -> subprocess.Popen[bytes]:
    """Start stock beat, and return when it has loaded all schedules and sent its first message."""
    client().delete(QUEUE, SIGN)
    every = IntervalSchedule.objects.get_or_create(every=1, period="seconds")[0]
    PeriodicTask.objects.create(name=SIGN, task="celery.ping", queue=SIGN, interval=every)
    PeriodicTasks.update_changed()
    beat = processes.celery("beat", "--scheduler", SCHEDULER)
    eventually(lambda: client().llen(SIGN) > 0, PATIENCE_SECONDS)
    return beat


def fill(count: int, at: datetime) -> None:
    """Replace all schedules by `count` tasks that have 60 different crontabs, all of which name the minute `at`."""
    PeriodicTask.objects.all()._raw_delete(using="default")
    CrontabSchedule.objects.all()._raw_delete(using="default")
    crontabs = [
        CrontabSchedule(
            minute=str(at.minute),
            hour="*" if n % 2 else str(at.hour),
            day_of_month=f"{max(1, at.day - n)}-{at.day}",
            timezone="UTC",
        )
        for n in range(EXPRESSIONS)
    ]
    CrontabSchedule.objects.bulk_create(crontabs)
    first = CrontabSchedule.objects.order_by("pk").values_list("pk", flat=True)[0]
    task = PeriodicTask(task="celery.ping", queue=QUEUE, date_changed=timezone.now())
    columns = {"name": "CONCAT('stock ', n)", "crontab_id": f"{first} + n % {EXPRESSIONS}"}
    history.copies(task, count, columns)
    connection.close()
