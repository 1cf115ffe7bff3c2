"""Run now, run again, cancel: what the new run is, who asked for it, and what is written beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import translation

from scheduling.acts import runs
from scheduling.lifecycle import publish_at_once
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import Run, ScheduledTask, Trigger
from scheduling.schedule.data_windows import Window
from scheduling.tests import make
from scheduling.tests.make import HOUR, MINUTE, NOW, claimed, state
from tenants.access import Actor
from tenants.models import AuditEntry
from testing.actors import ANN
from testing.callers import has_chinese

pytestmark = pytest.mark.django_db
TOKEN = Actor("ann", 0, True, {}, token_prefix="tok_1234")
PAST = Window(NOW - HOUR, NOW)


class BrokenError(Exception):
    """The audit log refuses its row."""


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def _broken_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise BrokenError

    monkeypatch.setattr(runs, "audit", SimpleNamespace(record=refuse))


def window(run: Run) -> tuple[datetime | None, datetime | None]:
    run.refresh_from_db()
    return run.window_start, run.window_end


def audited() -> list[tuple[str, str, str, object]]:
    rows = AuditEntry.objects.exclude(action="create").values_list(
        "username", "action", "object_type", "changes"
    )
    return list(rows.order_by("pk"))


class TestRunNow:
    def test_the_run_waits_its_turn_and_is_the_tasks_as_it_is_now(self) -> None:
        task = make.change(make.task(priority=7), task_name="renamed")
        run = runs.run_now(task, ANN, NOW)
        assert state(run) == ("queued", "", 0)
        assert (run.waits, run.not_before, run.due_at, run.fire_at) == (True, NOW, None, None)
        assert (run.task_name, run.task_version, run.priority, run.triggered_by) == ("renamed", 2, 7, "ann")

    @pytest.mark.parametrize(
        ("actor", "trigger", "stored"),
        [(ANN, None, "manual"), (TOKEN, None, "api"), (TOKEN, Trigger.HOOK, "hook")],
    )
    def test_its_trigger_says_how_it_was_asked_for(
        self, actor: Actor, trigger: Trigger | None, stored: str
    ) -> None:
        assert runs.run_now(make.task(), actor, NOW, trigger=trigger).trigger == stored

    def test_parameters_go_over_the_tasks_which_stay(self) -> None:
        task = make.task(input_params={"city": "Berlin", "days": 7})
        run = runs.run_now(task, ANN, NOW, params={"city": "Paris"})
        assert run.params == {"city": "Paris", "days": 7}
        task.refresh_from_db()
        assert task.input_params == {"city": "Berlin", "days": 7}

    def test_each_has_a_trace_id_of_its_own_unless_one_is_given(self) -> None:
        task = make.task()
        given = runs.run_now(task, ANN, NOW, trace_id="f" * 32)
        others = {runs.run_now(task, ANN, NOW).trace_id for _ in range(2)}
        assert given.trace_id == "f" * 32
        assert len(others - {"", given.trace_id}) == 2

    def test_a_task_that_is_switched_off_runs_too(self) -> None:
        assert state(runs.run_now(make.task(is_enabled=False), ANN, NOW)) == ("queued", "", 0)

    def test_a_window_that_is_given_is_taken_and_the_cursor_stays(self) -> None:
        task = make.windows_task(last_end_time=NOW - 2 * HOUR)
        run = runs.run_now(task, ANN, NOW, window=PAST)
        assert (window(run), run.moves_cursor) == ((PAST.start, PAST.end), False)

    def test_a_windows_task_gives_its_next_window_by_the_row_as_it_is_stored(self) -> None:
        task = make.windows_task(last_end_time=NOW - HOUR)
        ScheduledTask.objects.filter(pk=task.pk).update(last_end_time=NOW - 20 * MINUTE)
        run = runs.run_now(task, ANN, NOW)
        assert (window(run), run.moves_cursor) == ((NOW - 20 * MINUTE, NOW - 10 * MINUTE), True)

    def test_a_task_without_windows_gives_none(self) -> None:
        run = runs.run_now(make.task(use_windows=True), ANN, NOW)
        assert (window(run), run.moves_cursor) == ((None, None), False)

    def test_where_there_is_no_window_to_give_nothing_is_written(self) -> None:
        with pytest.raises(NoWindowError):
            runs.run_now(make.windows_task(last_end_time=NOW), ANN, NOW)
        assert not Run.objects.exists()
        assert audited() == []

    def test_who_asked_is_audited_with_the_runs_number(self) -> None:
        run = runs.run_now(make.task(), ANN, NOW)
        assert audited() == [("ann", "run", "scheduledtask", {"log_id": run.pk})]

    @pytest.mark.usefixtures("_broken_audit")
    def test_without_its_audit_row_there_is_no_run(self) -> None:
        task = make.task()
        with pytest.raises(BrokenError):
            runs.run_now(task, ANN, NOW)
        assert not Run.objects.exists()

    def test_it_is_sent_after_its_commit_and_a_failure_to_do_so_is_no_failure_of_the_act(
        self, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: object
    ) -> None:
        sent: list[Run] = []
        monkeypatch.setattr(publish_at_once, "send", sent.append)
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            run = runs.run_now(make.task(), ANN, NOW)
            assert sent == []
        assert sent == [run]
        monkeypatch.setattr(publish_at_once, "send", lambda _: 1 / 0)
        with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
            runs.run_now(make.task(), ANN, NOW)


class TestRerun:
    def test_it_has_the_old_runs_parameters_due_time_and_window_by_the_task_as_it_is_now(self) -> None:
        task = make.windows_task(input_params={"n": 1}, last_end_time=NOW - HOUR)
        old = make.run(
            task, status="failed", due_at=NOW, window_start=PAST.start, window_end=PAST.end, moves_cursor=True
        )
        run = runs.rerun(old, TOKEN, NOW + MINUTE)
        make.change(task, input_params={"n": 2}, task_name="renamed")
        again = runs.rerun(old, ANN, NOW + MINUTE)
        for one, name in ((run, "report"), (again, "renamed")):
            assert (window(one), one.due_at, one.params) == ((PAST.start, PAST.end), NOW, {"n": 1})
            assert (one.trigger, one.triggered_by, one.task_name) == ("rerun", "ann", name)
            assert (one.waits, one.moves_cursor, one.fire_at) == (True, False, None)
        assert old.trace_id not in {run.trace_id, again.trace_id}

    def test_who_asked_is_audited_at_the_old_run(self) -> None:
        old = make.run(make.task(), status="failed")
        run = runs.rerun(old, ANN, NOW)
        entry = AuditEntry.objects.get(action="rerun")
        assert (entry.object_type, entry.object_id) == ("run", str(old.pk))
        assert entry.changes == {"log_id": run.pk}

    def test_a_run_whose_task_is_gone_can_not_be_run_again(self) -> None:
        task = make.task()
        old = make.run(task, status="failed")
        task.delete()
        with pytest.raises(runs.TaskDeletedError, match="deleted"):
            runs.rerun(Run.objects.get(pk=old.pk), ANN, NOW)
        assert Run.objects.count() == 1

    @pytest.mark.usefixtures("_broken_audit")
    def test_without_its_audit_row_there_is_no_run(self) -> None:
        old = make.run(make.task(), status="failed")
        with pytest.raises(BrokenError):
            runs.rerun(old, ANN, NOW)
        assert Run.objects.count() == 1


class TestCancel:
    def test_a_queued_run_ends_and_its_audit_row_says_by_whom(self) -> None:
        run = make.run(make.task())
        assert runs.cancel(run, ANN, NOW)
        assert state(run) == ("canceled", "canceled", 0)
        assert "ann" in run.error
        assert audited() == [("ann", "cancel", "run", {})]

    def test_a_running_one_is_asked_to_end(self) -> None:
        run = claimed(make.run(make.task()))
        assert runs.cancel(run, ANN, NOW)
        assert state(run) == ("running", "", 1)
        assert run.cancel_requested_at == NOW

    def test_one_that_has_ended_stays_as_it_is_and_nothing_is_audited(self) -> None:
        run = make.run(make.task(), status="success")
        assert not runs.cancel(run, ANN, NOW)
        assert state(run) == ("success", "", 0)
        assert audited() == []

    @pytest.mark.usefixtures("_broken_audit")
    def test_without_its_audit_row_nothing_is_canceled(self) -> None:
        run = make.run(make.task())
        with pytest.raises(BrokenError):
            runs.cancel(run, ANN, NOW)
        assert state(run) == ("queued", "", 0)


class TestTexts:
    ZONE = timedelta(hours=8)  # of Asia/Shanghai

    def test_a_run_says_which_window_it_takes_in_its_tasks_zone(self) -> None:
        task = make.windows_task(timezone="Asia/Shanghai", last_end_time=NOW - 10 * MINUTE)
        takes = runs.window_text(runs.run_now(task, ANN, NOW), task)
        assert f"from {NOW - 10 * MINUTE + self.ZONE:%Y-%m-%d %H:%M:%S}" in takes
        assert f"to {NOW + self.ZONE:%Y-%m-%d %H:%M:%S}" in takes
        assert "when it succeeds" in takes

    def test_one_whose_window_is_given_says_that_the_next_stays_where_it_is(self) -> None:
        task = make.windows_task(last_end_time=NOW)
        assert "does not change" in runs.window_text(runs.run_now(task, ANN, NOW, window=PAST), task)

    def test_one_that_has_to_wait_for_its_window_says_so(self) -> None:
        task = make.windows_task(last_end_time=NOW - HOUR)
        runs.run_now(task, ANN, NOW)
        assert "waits" in runs.window_text(runs.run_now(task, ANN, NOW), task)

    def test_a_task_without_windows_says_nothing(self) -> None:
        for task in (make.task(), make.task(use_windows=True)):
            assert runs.window_text(runs.run_now(task, ANN, NOW), task) == ""

    def test_why_there_is_no_window_is_said_in_the_readers_language(self) -> None:
        error = NoWindowError(datetime(2026, 11, 20, 16, 0, tzinfo=UTC))
        assert "2026-11-20 16:00:00" in runs.no_window_text(error)
        with translation.override("zh-hans"):
            text = runs.no_window_text(error)
        assert "2026-11-20 16:00:00" in text
        assert has_chinese(text)
