"""What the first old system did with its one task: start, stop, run now, and the chain of windows through it all."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pytest_django import Settings

from scheduling.acts import default_task, runs
from scheduling.beat import fire, reaper
from scheduling.execution import Outcome, failed, success
from scheduling.lifecycle import transitions
from scheduling.lifecycle.leases import LEASE
from scheduling.models import IncompleteTaskError, Run, ScheduledTask
from scheduling.tests.make import MINUTE, NOW
from scheduling.worker.claim import begin, claim
from tenants.access import SYSTEM
from testing.actors import ANN

pytestmark = pytest.mark.django_db
TEN = 10 * MINUTE


@pytest.fixture(autouse=True)
def _ready(settings: Settings) -> None:
    settings.DIFY_API_URL, settings.DIFY_API_KEY = "https://dify.example/v1/workflows/run", "app-1"
    default_task.configure({"interval_minutes": 10}, SYSTEM, NOW)


def start(start_time: datetime | None = None, now: datetime = NOW) -> ScheduledTask:
    return default_task.start(start_time, SYSTEM, now)


def task() -> ScheduledTask:
    return ScheduledTask.objects.get(is_default=True)


def take() -> Run:
    run = Run.objects.filter(status="queued").order_by("pk").first()
    assert run is not None
    found = claim(run.trace_id, "w", run.not_before)
    assert found is not None
    begin(*found, run.not_before)
    return found[0]


def carry_out(now: datetime, outcome: Outcome | None = None) -> tuple[datetime | None, datetime | None]:
    """The window of the one run that is due."""
    fire.fire(now)
    run = take()
    transitions.finish(run, outcome or success(), now)
    return run.window_start, run.window_end


def test_the_first_start_without_a_time_runs_the_interval_that_ends_now_at_once() -> None:
    start()
    assert carry_out(NOW) == (NOW - TEN, NOW)
    assert (task().last_end_time, task().next_run_at) == (NOW, NOW + TEN)


def test_a_start_time_is_where_the_first_window_begins() -> None:
    start(NOW - 2 * TEN)
    assert default_task.windows_behind(task(), NOW) == 2
    assert [carry_out(NOW) for _ in range(2)] == [(NOW - 2 * TEN, NOW - TEN), (NOW - TEN, NOW)]
    assert fire.fire(NOW) == 0


def test_a_start_time_to_come_waits_for_its_window_to_end() -> None:
    start(NOW + TEN)
    assert task().next_run_at == NOW + 2 * TEN
    assert fire.fire(NOW + 2 * TEN - MINUTE) == 0
    assert carry_out(NOW + 2 * TEN) == (NOW + TEN, NOW + 2 * TEN)


def test_each_window_begins_where_the_last_successful_one_ended() -> None:
    start()
    carry_out(NOW)
    assert carry_out(NOW + TEN, failed("dify_failed", "no")) == (NOW, NOW + TEN)
    assert task().last_end_time == NOW
    assert carry_out(NOW + 2 * TEN) == (NOW, NOW + TEN)
    assert carry_out(NOW + 2 * TEN) == (NOW + TEN, NOW + 2 * TEN)


def test_stopped_and_started_again_it_goes_on_from_where_it_stopped() -> None:
    start()
    carry_out(NOW)
    default_task.stop(SYSTEM, NOW + MINUTE)
    assert task().next_run_at is None
    assert fire.fire(NOW + 3 * TEN) == 0
    start(now=NOW + 3 * TEN)
    assert default_task.windows_behind(task(), NOW + 3 * TEN) == 3
    assert [carry_out(NOW + 3 * TEN)[0] for _ in range(3)] == [NOW, NOW + TEN, NOW + 2 * TEN]


def test_a_run_under_way_when_it_is_stopped_ends_by_itself_and_counts() -> None:
    start()
    fire.fire(NOW)
    run = take()
    default_task.stop(SYSTEM, NOW)
    transitions.finish(run, success(), NOW + MINUTE)
    assert (task().last_end_time, task().next_run_at) == (NOW, None)


def test_run_now_takes_the_next_window_also_of_a_stopped_task_and_moves_on() -> None:
    start(NOW)
    default_task.stop(SYSTEM, NOW)
    runs.run_now(task(), ANN, NOW + TEN + MINUTE)
    assert carry_out(NOW + TEN + MINUTE) == (NOW, NOW + TEN)
    assert (task().last_end_time, task().next_run_at) == (NOW + TEN, None)


def test_run_now_without_a_key_starts_nothing_and_moves_nothing() -> None:
    default_task.configure({"dify_api_key": ""}, SYSTEM, NOW)
    with pytest.raises(IncompleteTaskError) as error:
        runs.run_now(task(), ANN, NOW)
    assert error.value.columns == ["dify_api_key"]
    assert not Run.objects.exists()
    assert task().last_end_time is None


def test_run_now_waits_for_the_run_under_way_and_takes_the_window_after_it() -> None:
    start()
    fire.fire(NOW)
    going = take()
    asked = runs.run_now(task(), ANN, NOW)
    assert claim(asked.trace_id, "w", NOW) is None
    transitions.finish(going, success(), NOW)
    found = claim(asked.trace_id, "w", NOW + TEN)
    assert found is not None
    begin(*found, NOW + TEN)
    assert (found[0].window_start, found[0].window_end) == (NOW, NOW + TEN)


def test_another_interval_holds_from_the_next_window_on() -> None:
    start()
    carry_out(NOW)
    default_task.configure({"interval_minutes": 30}, SYSTEM, NOW)
    assert (task().last_end_time, task().next_run_at) == (NOW, NOW + 3 * TEN)
    assert carry_out(NOW + 3 * TEN) == (NOW, NOW + 3 * TEN)


def test_after_a_restart_a_started_task_goes_on_and_catches_up() -> None:
    """Nothing is kept in a process: what was on stays on, what was missed follows in order."""
    start()
    carry_out(NOW)
    back = NOW + 4 * TEN + MINUTE
    assert [carry_out(back)[0] for _ in range(4)] == [NOW + n * TEN for n in range(4)]
    assert task().next_run_at == NOW + 5 * TEN


def test_a_window_whose_worker_died_is_run_again_before_any_other() -> None:
    start()
    fire.fire(NOW)
    lost = take()
    later = NOW + LEASE + timedelta(seconds=1)
    assert reaper.reap(later) == 1
    assert fire.fire(later) == 0
    again = Run.objects.get()
    assert (again.status, again.window_start, again.window_end) == (
        "queued",
        lost.window_start,
        lost.window_end,
    )
    assert carry_out(later) == (NOW - TEN, NOW)
    assert task().last_end_time == NOW


def test_two_first_uses_at_once_make_one_task(monkeypatch: pytest.MonkeyPatch) -> None:
    first = task()
    found = iter([None])
    look = default_task.find
    monkeypatch.setattr(default_task, "find", lambda: next(found, look()))
    assert default_task.get_or_create(NOW).pk == first.pk
    assert ScheduledTask.objects.filter(is_default=True).count() == 1


def test_it_does_not_start_half_set_up() -> None:
    default_task.configure({"dify_api_key": ""}, SYSTEM, NOW)
    with pytest.raises(IncompleteTaskError) as error:
        start()
    assert error.value.columns == ["dify_api_key"]
    assert not task().is_enabled
