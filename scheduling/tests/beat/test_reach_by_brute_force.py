"""Misfire × overlap × grace × outage × how long runs take, by a beat that dies, against the rules read one by one."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from itertools import accumulate

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from common import process_registry
from scheduling.beat import arrears, due_runs, fire, reach
from scheduling.execution import CANCELED, failed, success
from scheduling.lifecycle.transitions import finish
from scheduling.models import MisfirePolicy, OverlapPolicy, Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import NOW
from scheduling.tests.promised import Case, Look, told
from scheduling.worker.claim import claim

pytestmark = pytest.mark.django_db
POLICIES = [(str(misfire), str(overlap)) for misfire in MisfirePolicy for overlap in OverlapPolicy]
MOMENT = 0.25  # looks come a little after the due times of whole seconds
SECOND = timedelta(seconds=1)


@st.composite
def looks(draw: st.DrawFn, *, may_die: bool) -> list[Look]:
    """Ticks of a beat, with outages in between."""
    gaps = draw(st.lists(st.sampled_from([1, 1, 1, 2, 5, 12, 30, 90]), min_size=4, max_size=10))
    gaps[draw(st.integers(0, len(gaps) - 1))] = draw(st.sampled_from([1, 5, 45, 600]))
    lives = st.sampled_from([(True, True), (True, True), (False, False), (True, False)])
    ends = (
        draw(st.lists(lives, min_size=len(gaps), max_size=len(gaps)))
        if may_die
        else [(True, True)] * len(gaps)
    )
    whole = zip(accumulate(gaps), ends, strict=True)
    return [Look(at + MOMENT, judges, sends) for at, (judges, sends) in whole]


CASES = {
    "every": st.sampled_from([1, 2, 5, 15, 30, 60, 120, 300]),
    "grace": st.sampled_from([0, 1, 3, 10, 20, 60, 300]),
    "lasts": st.sampled_from([0.0, 0.5, 3.0, 40.0]),
    "retry_after": st.sampled_from([None, None, 1, 20]),
}


def compared(looked: list[Look], every: int, grace: int, lasts: float, retry_after: int | None) -> None:
    """One task for each pair of policies, and all rolled back."""
    with transaction.atomic():
        cases = {}
        for misfire, overlap in POLICIES:
            case = Case(misfire, grace, overlap, lasts, retry_after)
            cases[task_of(case, every).pk] = case
        happened = Happened(cases)
        for look in looked:
            happened.look(look)
        found = happened.told()
        dues = range(every, int(looked[-1].at) + 1, every)
        for pk, case in cases.items():
            assert found[pk] == told(case, dues, looked), case
        transaction.set_rollback(True)


def task_of(case: Case, every: int) -> ScheduledTask:
    second, minute = (f"*/{every}", "*") if every < 60 else ("0", f"*/{every // 60}")
    return make.task(
        cron_expression=f"{second} {minute} * * * *",
        misfire_policy=case.misfire,
        misfire_grace_seconds=case.grace,
        overlap_policy=case.overlap,
        retry_count=int(case.retry_after is not None),
        retry_interval=case.retry_after or 0,
    )


class Happened:
    """The product itself, by a clock that goes from look to look; workers take at once what is sent."""

    def __init__(self, cases: dict[int, Case]) -> None:
        self.cases = cases
        self.starts: dict[int, list[float]] = defaultdict(list)

    def look(self, look: Look) -> None:
        now = NOW + look.at * SECOND
        self._end(look.at)
        fire.fire(now)
        if look.judges:
            while arrears.work_off(now):
                pass
            reach.reach(now)
        if look.sends:
            process_registry.announce(process_registry.ProcessEntry("worker", "w", ["script"], 10_000))
            make.release(now)
            for run in Run.objects.filter(status="queued", published_at__isnull=False).order_by("pk"):
                assert claim(run.trace_id, "w", now)
                self.starts[run.pk].append(look.at)

    def _end(self, at: float) -> None:
        for run in Run.objects.filter(status="running").order_by("pk"):
            case, ends_at = self.cases[run.task_id], self.starts[run.pk][-1] + self.cases[run.task_id].lasts
            if run.cancel_requested_at:
                finish(run, CANCELED, NOW + at * SECOND)
            elif ends_at <= at:
                fails = case.retry_after is not None and run.attempt == 1
                finish(run, failed("http_status", "no") if fails else success(), NOW + ends_at * SECOND)

    def told(self) -> dict[int, list[tuple[int, str, list[float]]]]:
        found: dict[int, list[tuple[int, str, list[float]]]] = defaultdict(list)
        for run in Run.objects.order_by("task_id", "due_at"):
            assert run.due_at
            due = round((run.due_at - NOW) / SECOND)
            if run.status != "queued" or run.waits:
                found[run.task_id].append((due, run.status, self.starts[run.pk]))
        return found


any_speed = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is more than one is judged by whoever finds it: no beat dies in between."""
    monkeypatch.setattr(due_runs, "DUES_AT_ONCE", 1000)


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a task owes is more than one step after most outages."""
    monkeypatch.setattr(due_runs, "DUES_AT_ONCE", 7)


@any_speed
@given(looked=looks(may_die=True), **CASES)
@pytest.mark.usefixtures("one_step")
def test_what_becomes_of_a_due_time_is_what_the_rules_say(
    looked: list[Look], every: int, grace: int, lasts: float, retry_after: int | None
) -> None:
    compared(looked, every, grace, lasts, retry_after)


@any_speed
@given(looked=looks(may_die=False), **CASES)
@pytest.mark.usefixtures("small_steps")
def test_arrears_that_take_many_steps_change_nothing_of_it(
    looked: list[Look], every: int, grace: int, lasts: float, retry_after: int | None
) -> None:
    compared(looked, every, grace, lasts, retry_after)
