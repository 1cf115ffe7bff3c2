"""kill -9, two at once, an emptied Redis: no due time lost, none run twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from common.redis_client import client
from scheduling.models import Run, RunStatus, ScheduledTask
from scheduling.tests import make
from testing.patience import eventually
from testing.processes import Processes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def processes() -> Iterator[Processes]:
    with Processes() as running:
        yield running


def every_second(**columns: object) -> ScheduledTask:
    defaults = {"cron_expression": "* * * * * *", "overlap_policy": "allow", "misfire_policy": "fire_all"}
    return make.task(timezone.now(), **defaults | columns)


def passed(task: ScheduledTask, seconds: int) -> bool:
    """Has the task been due for so many seconds?"""
    return timezone.now() > task.created_at + timedelta(seconds=seconds)


def assert_each_second_has_one_row(task: ScheduledTask, until: datetime) -> None:
    first = task.next_run_at
    assert first is not None
    dues = Counter(Run.objects.filter(task=task, due_at__lte=until).values_list("due_at", flat=True))
    expected = [first + timedelta(seconds=n) for n in range(int((until - first).total_seconds()) + 1)]
    assert sorted(due for due in dues if due) == expected
    assert set(dues.values()) == {1}


def test_beats_that_are_killed_lose_no_due_time_and_double_none(processes: Processes) -> None:
    task = every_second()
    beats = [processes.beat(), processes.beat()]
    for seconds in (6, 12):
        eventually(lambda at=seconds: passed(task, at))  # type: ignore[misc]
        processes.kill(beats.pop(0))
        beats.append(processes.beat())
    eventually(lambda: passed(task, 20))
    until = timezone.now().replace(microsecond=0)
    eventually(lambda: Run.objects.filter(task=task, due_at=until).exists())
    assert_each_second_has_one_row(task, until)


def test_an_emptied_redis_loses_no_run(processes: Processes) -> None:
    task = every_second()
    processes.beat()
    eventually(lambda: client().llen("script"))
    client().flushdb()
    processes.worker("prefork", 2, "script")
    published = list(
        Run.objects.filter(task=task, published_at__isnull=False).values_list("pk", flat=True)[:1]
    )
    assert published
    ended = Run.objects.filter(pk__in=published, status=RunStatus.SUCCESS)
    eventually(ended.exists)
    assert ended.get().attempt == 1


def test_a_worker_killed_in_the_middle_of_a_script_has_its_run_taken_over(processes: Processes) -> None:
    script = "import time\nfor n in range(10):\n    log(f'step {n}')\n    time.sleep(1)\nresult = 'done'"
    task = make.task(timezone.now(), script_content=script, cron_expression="0 0 1 1 *")
    run = make.run(task, timezone.now())
    processes.beat()
    first = processes.worker("prefork", 1, "script")
    eventually(lambda: Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING, lines__isnull=False).exists())
    processes.kill(first)
    processes.worker("prefork", 1, "script")
    eventually(lambda: Run.objects.filter(pk=run.pk, status=RunStatus.SUCCESS).exists())
    run.refresh_from_db()
    assert (run.attempt, run.lost_count, run.result) == (2, 1, "done")
