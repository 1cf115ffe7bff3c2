"""Which runs go and which stay."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from notifications.models import Delivery
from scheduling.beat import prune
from scheduling.models import Run, RunLine, ScheduledTask
from scheduling.tasks import prune_runs
from scheduling.tests import make
from scheduling.tests.make import HOUR, NOW

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def run(task: ScheduledTask, age: timedelta, now: datetime = NOW, **columns: object) -> Run:
    """Ended so long ago."""
    row = make.run(task, now - age, **{"status": "success", "finished_at": now - age} | columns)
    Run.objects.filter(pk=row.pk).update(created_at=now - age)
    return row


def delivery(of: Run | None, status: str = "sent", age: timedelta = timedelta()) -> Delivery:
    row = Delivery.objects.create(
        log_id=of.pk if of else None,
        status=status,
        kind="result",
        msg_uuid="u",
        robot="r",
        next_attempt_at=NOW,
    )
    Delivery.objects.filter(pk=row.pk).update(created_at=NOW - age)
    return row


def pruned(**options: bool) -> tuple[int, int]:
    total = sum(prune.prune(NOW, 90, **options), prune.Pruned())
    return total.runs, total.deliveries


def left(task: ScheduledTask) -> list[Run]:
    return list(Run.objects.filter(task_id=task.pk).order_by("pk"))


def test_runs_that_ended_before_the_retention_go() -> None:
    task = make.task()
    _, young = run(task, 90 * DAY + HOUR), run(task, 90 * DAY - HOUR)
    assert pruned() == (1, 0)
    assert left(task) == [young]


def test_a_task_may_keep_its_own_runs_longer_or_shorter() -> None:
    long, short = make.task(keep_runs_days=365), make.task(keep_runs_days=1)
    for task in (long, short):
        run(task, 300 * DAY), run(task, 2 * DAY)
    newest = {task: run(task, HOUR) for task in (long, short)}
    pruned()
    assert (len(left(long)), left(short)) == (3, [newest[short]])


def test_a_tasks_newest_run_stays_however_old() -> None:
    task = make.task()
    _, newest = run(task, 300 * DAY), run(task, 200 * DAY)
    pruned()
    assert left(task) == [newest]


def test_all_runs_of_a_deleted_task_go() -> None:
    task = make.task()
    run(task, 300 * DAY), run(task, 200 * DAY)
    ScheduledTask.objects.all().delete()
    assert pruned() == (2, 0)


@pytest.mark.parametrize("status", ["queued", "running"])
def test_what_has_not_ended_stays(status: str) -> None:
    task = make.task()
    old = run(task, 300 * DAY, status=status, finished_at=None)
    run(task, HOUR)
    assert pruned() == (0, 0)
    assert old in left(task)


def test_a_run_that_went_on_for_long_is_as_old_as_its_end() -> None:
    task = make.task()
    old = run(task, 91 * DAY, finished_at=NOW - 89 * DAY)
    run(task, HOUR)
    pruned()
    assert old in left(task)


def test_lines_and_deliveries_go_with_their_run() -> None:
    task = make.task()
    old, young = run(task, 91 * DAY), run(task, HOUR)
    for row in (old, young):
        RunLine.objects.create(run=row, seq=1, at=NOW, stream="log", text="x")
        delivery(row)
    assert pruned() == (1, 1)
    assert list(RunLine.objects.values_list("run_id", flat=True)) == [young.pk]
    assert list(Delivery.objects.values_list("log_id", flat=True)) == [young.pk]


def test_a_run_whose_message_is_still_to_be_sent_stays() -> None:
    task = make.task()
    old = run(task, 91 * DAY)
    run(task, HOUR)
    delivery(old, "pending")
    assert pruned() == (0, 0)


def test_deliveries_that_no_run_has_caused_go_by_their_own_age() -> None:
    kept = [delivery(None, age=HOUR), delivery(None, "pending", 91 * DAY)]
    delivery(None, age=91 * DAY)
    assert pruned() == (0, 1)
    assert list(Delivery.objects.order_by("pk")) == kept


def test_it_goes_on_over_chunks_that_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune, "CHUNK", 2)
    keeping, task = make.task(keep_runs_days=365), make.task()
    for _ in range(3):
        run(keeping, 300 * DAY)
    for _ in range(5):
        run(task, 300 * DAY)
    run(task, HOUR)
    assert pruned() == (5, 0)


def test_it_looks_at_nothing_younger_than_the_retention(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune, "CHUNK", 2)
    task = make.task()
    for _ in range(20):
        run(task, HOUR)
    assert len(list(prune.prune(NOW, 90))) == 1


def test_a_dry_run_counts_and_deletes_nothing() -> None:
    task = make.task()
    delivery(run(task, 91 * DAY))
    run(task, HOUR)
    assert pruned(dry_run=True) == (1, 1)
    assert len(left(task)) == 2


def test_the_command_says_what_it_did() -> None:
    now, output = timezone.now(), StringIO()
    task = make.task()
    run(task, 3 * DAY, now), run(task, HOUR, now)
    call_command("prune_logs", "--days", "2", "--dry-run", stdout=output, stderr=StringIO())
    call_command("prune_logs", "--days", "2", stdout=output, stderr=StringIO())
    assert output.getvalue().splitlines() == [
        "Would delete 1 runs and 0 deliveries.",
        "Deleted 1 runs and 0 deliveries.",
    ]


def test_a_program_gets_its_numbers_as_json() -> None:
    now, output = timezone.now(), StringIO()
    task = make.task()
    run(task, 3 * DAY, now), run(task, HOUR, now)
    call_command("prune_logs", "--days", "2", "--json", stdout=output, stderr=StringIO())
    assert output.getvalue() == '{"runs": 1, "deliveries": 0}\n'


@pytest.mark.django_db(transaction=True)
def test_beat_does_it_daily() -> None:
    now = timezone.now()
    task = make.task()
    run(task, 91 * DAY, now), run(task, HOUR, now)
    assert prune_runs.name in {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    prune_runs()
    assert len(left(task)) == 1
