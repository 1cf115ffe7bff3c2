"""What one round of the attendant does; time is given, threads are not needed."""

import time

import pytest

from scheduling.lifecycle.run_logs import LineBuffer
from scheduling.lifecycle.transitions import LEASE, cancel
from scheduling.models import Run, RunLine
from scheduling.tests import make
from scheduling.tests.make import MINUTE, NOW
from scheduling.worker.claim import claim
from scheduling.worker.run_keeper import SAFETY_SECONDS, Attendant, Attended

pytestmark = pytest.mark.django_db


def attended(attendant: Attendant, *, ends_with_lease: bool = True) -> Attended:
    run = make.run(make.task())
    assert claim(run.trace_id, attendant.worker, NOW)
    one = Attended(run.pk, LineBuffer(run.pk, str), ends_with_lease=ends_with_lease)
    attendant.runs[run.pk] = one
    return one


@pytest.fixture
def attendant() -> Attendant:
    return Attendant("w1", now=lambda: NOW + MINUTE)


def test_lines_are_written(attendant: Attendant) -> None:
    one = attended(attendant)
    one.lines.add(NOW, "hello", "log")
    attendant.round(time.monotonic())
    assert RunLine.objects.get(run_id=one.run_id).text == "hello"


def test_a_timeline_is_written_when_it_has_changed(attendant: Attendant) -> None:
    one = attended(attendant)
    asked: list[int] = []

    def timeline() -> dict[str, int]:
        asked.append(1)
        return {"left_out": len(asked)}

    one.timeline = timeline
    attendant.round(time.monotonic())
    attendant.round(time.monotonic())
    assert asked == [1]
    assert Run.objects.get(pk=one.run_id).timeline == {"left_out": 1}


def test_a_timeline_comes_never_over_that_of_the_end(attendant: Attendant) -> None:
    one = attended(attendant)
    Run.objects.filter(pk=one.run_id).update(status="success", timeline={"left_out": 7})
    one.timeline = dict
    attendant.round(time.monotonic())
    assert Run.objects.get(pk=one.run_id).timeline == {"left_out": 7}


def test_a_cancel_throws_the_runs_switch_and_no_other(attendant: Attendant) -> None:
    one, other = attended(attendant), attended(attendant)
    cancel(Run.objects.get(pk=one.run_id), NOW, "ann")
    attendant.round(time.monotonic())
    assert (one.switch.is_canceled, other.switch.is_canceled) == (True, False)


def test_leases_are_renewed_after_ten_seconds(attendant: Attendant) -> None:
    one = attended(attendant)
    attendant.round(one.renewed + 9)
    assert Run.objects.get(pk=one.run_id).lease_until == NOW + LEASE
    attendant.round(one.renewed + 10)
    assert Run.objects.get(pk=one.run_id).lease_until == NOW + MINUTE + LEASE


def test_a_script_ends_before_a_lease_that_could_not_be_renewed(attendant: Attendant) -> None:
    script, webhook = attended(attendant), attended(attendant, ends_with_lease=False)
    over = script.renewed + LEASE.total_seconds() - SAFETY_SECONDS + 1
    attendant.round(over)
    assert script.switch.is_canceled
    assert not webhook.switch.is_canceled


def test_a_script_knows_of_its_lost_lease_even_when_the_attendant_hangs(attendant: Attendant) -> None:
    script = attended(attendant)
    assert not script.lease_lost(script.renewed + LEASE.total_seconds() - SAFETY_SECONDS)
    assert script.lease_lost(script.renewed + LEASE.total_seconds() - SAFETY_SECONDS + 1)


def test_what_of_one_run_can_not_be_written_keeps_no_other_from_its_lease(
    attendant: Attendant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken() -> None:
        raise RecursionError

    one, other = attended(attendant), attended(attendant)
    monkeypatch.setattr(one.lines, "flush", broken)
    other.lines.add(NOW, "hello", "log")
    attendant.round(other.renewed + 10)
    assert RunLine.objects.get(run_id=other.run_id).text == "hello"
    assert Run.objects.get(pk=other.run_id).lease_until == NOW + MINUTE + LEASE
