import pytest

from scheduling.acts import tasks
from scheduling.acts.task_rules import InvalidTaskError
from scheduling.beat import fire
from scheduling.models import Run, ScheduledTask, TaskVersion
from scheduling.schedule.errors import ScheduleError
from scheduling.tests import make
from scheduling.tests.make import HOUR, MINUTE, NOW, change
from tenants.access import SYSTEM
from tenants.models import AuditEntry

pytestmark = pytest.mark.django_db


def test_a_new_task_knows_its_first_due_time() -> None:
    task = make.task(cron_expression="30 9 * * *", timezone="Asia/Shanghai")
    assert task.next_run_at == NOW.replace(day=21, hour=1, minute=30)


def test_a_wrong_schedule_is_not_saved() -> None:
    with pytest.raises(ScheduleError):
        make.task(cron_expression="61 * * * *")
    assert not ScheduledTask.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_wrong_change_leaves_the_task_as_it_was() -> None:
    task = make.task()
    with pytest.raises(InvalidTaskError):
        change(task, cron_expression="x", task_name="new")
    task.refresh_from_db()
    assert (task.task_name, task.version) == ("report", 1)


def test_each_change_is_a_version_and_an_audit_row() -> None:
    task = change(make.task(), task_name="new", webhook_secret="s3cret")
    assert task.version == 2
    version = TaskVersion.objects.get(task=task, version=2)
    assert version.fields["task_name"] == "new"
    entry = AuditEntry.objects.filter(action="update").get()
    assert entry.changes["task_name"] == ["report", "new"]
    assert "s3cret" not in str(entry.changes) + str(version.fields)
    assert entry.changes["webhook_secret"] == ["", "***"]


def test_a_change_that_changes_nothing_makes_no_version() -> None:
    assert change(make.task(), task_name="report").version == 1


def test_what_a_task_owed_is_no_change_by_its_editor() -> None:
    """The first window that is handed out sets the cursor."""
    task = change(make.windows_task(), task_name="report")
    assert Run.objects.filter(task=task).count() == 1
    assert task.version == 1
    assert "last_end_time" not in AuditEntry.objects.get().changes


def test_an_editor_who_read_an_older_version_is_told() -> None:
    task = change(make.task(), task_name="new")
    with pytest.raises(tasks.StaleVersionError):
        tasks.update(task.pk, lambda row: None, SYSTEM, NOW, expected_version=1)


def test_an_edit_that_leaves_the_schedule_keeps_the_next_due_time() -> None:
    task = make.task(cron_expression="30 * * * *")
    assert change(task, task_name="new").next_run_at == NOW + 30 * MINUTE


def test_switching_off_and_on_again_fires_the_next_due_time() -> None:
    task = make.task()
    assert change(task, is_enabled=False).next_run_at is None
    assert change(task, is_enabled=True).next_run_at == NOW + MINUTE
    fire.fire(NOW + MINUTE)
    assert make.states(task) == [("08:01:00", "queued")]


def test_the_interval_grid_stands_on_the_minute_of_creation() -> None:
    task = make.task(schedule_type="interval", interval_minutes=7, now=NOW.replace(second=20))
    assert task.next_run_at == NOW + 7 * MINUTE
    assert change(task, NOW + HOUR, task_name="new").anchor_at == NOW


def test_a_deleted_tasks_runs_stay_with_its_name() -> None:
    task = make.task()
    run = make.run(task)
    tasks.delete(task.pk, SYSTEM, NOW)
    run.refresh_from_db()
    assert (run.task_name, run.status) == ("report", "canceled")
    assert Run.objects.count() == 1
