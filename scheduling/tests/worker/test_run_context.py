"""What an executor is given of its run: how long it has, whether it shall end, and where it leaves what it learns."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from scheduling.models import Run, RunLine
from scheduling.tests import make
from scheduling.tests.make import NOW, claimed
from scheduling.worker import run_context
from scheduling.worker.run_context import LiveContext

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = 3600
HOOK = {"execution_type": "webhook", "webhook_url": "http://127.0.0.1:9/"}


def context_of(
    columns: dict[str, Any] | None = None, secrets: tuple[str, ...] = (), **task: Any
) -> LiveContext:
    """Return the context of a claimed run with these columns."""
    row = make.task(**{"timeout_seconds": HOUR} | task)
    run = claimed(make.run(row))
    for name, value in (columns or {}).items():
        setattr(run, name, value)
    run.save()
    return LiveContext(run, row, secrets)


def stored(context: LiveContext) -> Run:
    return Run.objects.get(pk=context.run.pk)


@pytest.fixture
def _database_away(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(run_context, "lent_connection", refuse)


class TestTheTimeLeft:
    def test_is_the_tasks_limit_and_grows_by_what_does_not_count(self) -> None:
        context = context_of()
        before = context.ends_at
        assert 0 < HOUR - context.seconds_left < HOUR / 2
        context.extend(60)
        assert context.ends_at == before + 60

    def test_is_less_by_what_a_call_of_an_earlier_attempt_has_taken(self) -> None:
        called_at = timezone.now() - timedelta(seconds=HOUR / 2)
        assert context_of({"called_at": called_at}).seconds_left <= HOUR / 2

    def test_is_none_where_that_call_has_taken_it_all(self) -> None:
        assert context_of({"called_at": timezone.now() - timedelta(seconds=2 * HOUR)}).seconds_left < 0


class TestWhatAnEarlierAttemptHasLeft:
    def test_is_known(self) -> None:
        left = {"external_id": "run-1", "external_task_id": "task-1", "error": "lost", "unstarted_count": 2}
        context = context_of(left)
        assert (context.kept, context.earlier_error, context.unstarted) == (("run-1", "task-1"), "lost", 2)
        assert context.kept_run.goes_on_outside

    def test_is_nothing_at_the_first(self) -> None:
        context = context_of()
        assert (context.kept, context.earlier_error, context.called_at) == (("", ""), "", None)
        assert not context.kept_run.goes_on_outside

    @pytest.mark.parametrize("columns", [{"attempt": 2}, {"error": "It waited for a place."}], ids=str)
    def test_its_lines_are_followed_by_those_of_this_one(self, columns: dict[str, Any]) -> None:
        context = context_of(columns)
        RunLine.objects.create(run_id=context.run.pk, seq=1, at=NOW, stream="system", text="before")
        context.line("after")
        context.kept_run.lines.flush()
        assert list(RunLine.objects.order_by("seq").values_list("seq", "text")) == [
            (1, "before"),
            (2, "after"),
        ]


class TestTheEnd:
    def test_is_asked_for_by_a_cancel(self) -> None:
        context = context_of()
        assert not context.canceled()
        context.switch.cancel()
        assert context.canceled()

    @pytest.mark.parametrize(("columns", "ends"), [({}, True), (HOOK, False)], ids=["script", "webhook"])
    def test_is_asked_for_by_a_lost_lease_of_a_kind_that_can_not_outlive_it(
        self, columns: dict[str, Any], ends: bool
    ) -> None:
        context = context_of(**columns)
        context.kept_run.renewed = time.monotonic() - HOUR
        assert context.canceled() is ends

    def test_that_a_leaving_worker_asks_for_is_known_as_such(self) -> None:
        context = context_of()
        assert not context.released
        context.kept_run.released = True
        assert context.released


class TestLines:
    def test_are_masked_and_the_platforms_own_unless_said_otherwise(self) -> None:
        context = context_of(secrets=("hunter22",))
        context.line("my hunter22")
        context.line("printed", "stdout")
        lines = [(stream, text) for _, stream, text in context.kept_run.lines.waiting]
        assert lines == [("system", "my ***"), ("stdout", "printed")]

    def test_a_timeline_is_masked_when_it_is_drawn(self) -> None:
        context = context_of(secrets=("hunter22",))
        context.draw(lambda: {"title": "my hunter22"})
        assert context.kept_run.timeline is not None
        assert context.kept_run.timeline() == {"title": "my ***"}


class TestWhatGoesOnOutside:
    def test_a_call_is_written_before_it_is_made(self) -> None:
        context = context_of()
        assert context.calling() == stored(context).called_at is not None

    def test_its_ids_are_written_at_once_and_the_same_ones_once(self, django_assert_num_queries: Any) -> None:
        context = context_of()
        context.keep("run-1", "task-1")
        row = stored(context)
        assert (row.external_id, row.external_task_id) == context.kept == ("run-1", "task-1")
        assert context.kept_run.goes_on_outside
        with django_assert_num_queries(0):
            context.keep("run-1", "task-1")

    def test_its_ids_are_forgotten_when_it_has_ended(self) -> None:
        context = context_of({"external_id": "run-1"})
        context.keep("")
        assert stored(context).external_id == ""
        assert not context.kept_run.goes_on_outside

    @pytest.mark.usefixtures("_database_away")
    def test_its_ids_wait_in_memory_for_a_database_that_is_away(self) -> None:
        context = context_of()
        context.keep("run-1", "task-1")
        assert context.kept == ("run-1", "task-1")
        assert not context.kept_run.goes_on_outside
        assert stored(context).external_id == ""
        context.store_kept()
        assert stored(context).external_id == "run-1"
        assert context.unwritten == {}

    @pytest.mark.parametrize("columns", [{"worker": "w2"}, {"attempt": 2}], ids=str)
    def test_nothing_is_written_where_another_has_the_run(self, columns: dict[str, Any]) -> None:
        context = context_of()
        Run.objects.filter(pk=context.run.pk).update(**columns)
        context.keep("run-1")
        context.calling()
        assert (stored(context).external_id, stored(context).called_at) == ("", None)

    def test_ids_of_other_runs_are_claimed_and_its_own_are_not(self) -> None:
        context = context_of({"external_id": "own"})
        make.run(make.task(), external_id="other")
        assert context.claimed_elsewhere(["own", "other", "free"]) == {"other"}
