"""What one round of the keeper does; time is given, threads are not needed."""

import time

import pytest

from scheduling.lifecycle.leases import LEASE
from scheduling.lifecycle.run_logs import LineBuffer
from scheduling.lifecycle.transitions import cancel
from scheduling.models import Run, RunLine
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW
from scheduling.worker.claim import claim
from scheduling.worker.run_keeper import SAFETY_SECONDS, KeptRun, RunKeeper

pytestmark = pytest.mark.django_db


def kept(keeper: RunKeeper, *, ends_with_lease: bool = True) -> KeptRun:
    run = make.run(make.task())
    assert claim(run.trace_id, keeper.worker, NOW)
    one = KeptRun(run.pk, LineBuffer(run.pk, str), ends_with_lease=ends_with_lease)
    keeper.runs[run.pk] = one
    return one


@pytest.fixture
def keeper() -> RunKeeper:
    return RunKeeper("w1", now=lambda: NOW + MINUTE)


def test_lines_are_written(keeper: RunKeeper) -> None:
    one = kept(keeper)
    one.lines.add(NOW, "hello", "log")
    keeper.round(time.monotonic())
    assert RunLine.objects.get(run_id=one.run_id).text == "hello"


def test_a_timeline_is_written_when_it_has_changed(keeper: RunKeeper) -> None:
    one = kept(keeper)
    asked: list[int] = []

    def timeline() -> dict[str, int]:
        asked.append(1)
        return {"left_out": len(asked)}

    one.timeline = timeline
    keeper.round(time.monotonic())
    keeper.round(time.monotonic())
    assert asked == [1]
    assert Run.objects.get(pk=one.run_id).timeline == {"left_out": 1}


def test_a_timeline_comes_never_over_that_of_the_end(keeper: RunKeeper) -> None:
    one = kept(keeper)
    Run.objects.filter(pk=one.run_id).update(status="success", timeline={"left_out": 7})
    one.timeline = dict
    keeper.round(time.monotonic())
    assert Run.objects.get(pk=one.run_id).timeline == {"left_out": 7}


def test_a_cancel_throws_the_runs_switch_and_no_other(keeper: RunKeeper) -> None:
    one, other = kept(keeper), kept(keeper)
    cancel(Run.objects.get(pk=one.run_id), NOW, "ann")
    keeper.round(time.monotonic())
    assert (one.switch.is_canceled, other.switch.is_canceled) == (True, False)


def test_leases_are_renewed_after_ten_seconds(keeper: RunKeeper) -> None:
    one = kept(keeper)
    keeper.round(one.renewed + 9)
    assert Run.objects.get(pk=one.run_id).lease_until == NOW + LEASE
    keeper.round(one.renewed + 10)
    assert Run.objects.get(pk=one.run_id).lease_until == NOW + MINUTE + LEASE


def test_a_script_ends_before_a_lease_that_could_not_be_renewed(keeper: RunKeeper) -> None:
    script, webhook = kept(keeper), kept(keeper, ends_with_lease=False)
    over = script.renewed + LEASE.total_seconds() - SAFETY_SECONDS + 1
    keeper.round(over)
    assert script.switch.is_canceled
    assert not webhook.switch.is_canceled


def test_a_script_knows_of_its_lost_lease_even_when_the_keeper_hangs(keeper: RunKeeper) -> None:
    script = kept(keeper)
    assert not script.lease_lost(script.renewed + LEASE.total_seconds() - SAFETY_SECONDS)
    assert script.lease_lost(script.renewed + LEASE.total_seconds() - SAFETY_SECONDS + 1)


def test_what_of_one_run_can_not_be_written_keeps_no_other_from_its_lease(
    keeper: RunKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RecursionError

    one, other = kept(keeper), kept(keeper)
    monkeypatch.setattr(one.lines, "flush", broken)
    other.lines.add(NOW, "hello", "log")
    keeper.round(other.renewed + 10)
    assert RunLine.objects.get(run_id=other.run_id).text == "hello"
    assert Run.objects.get(pk=other.run_id).lease_until == NOW + MINUTE + LEASE
