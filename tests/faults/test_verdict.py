"""Each thing that must not happen, made up: the verdict names it, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.faults.ledger import Entry
from tests.faults.said import raised
from tests.faults.verdict import Demand, Evidence, Raised, Row, Struck, violations

KEY = "due-1-20261121T080000Z"


def judged(
    *rows: Row,
    kind: str = "webhook",
    overlap: str = "allow",
    effects: Sequence[float] = (),
    shown: int = 0,
    has_robot: bool = False,
    struck: Sequence[Struck] = (),
) -> list[str]:
    """One due time; `effects` are the times at which it happened."""
    return violations(
        Evidence(
            [Demand(KEY, kind, overlap, has_robot)],
            {KEY: [Entry(at, kind, KEY) for at in effects]} if effects else {},
            {KEY: shown} if shown else {},
            rows,
            struck,
        )
    )


DUE = 1000.0
AWAY = Struck("beats away", DUE - 10, DUE + 40)


def judged_late(status: str, misfire: str, grace: float, *others: Demand) -> list[str]:
    """One due time in an outage of 50 s, which began 10 s before it; `others` are of the same task, and missed."""
    demand = Demand(KEY, "webhook", misfire=misfire, grace=grace, task=1, due_at=DUE)
    rows = [Row(KEY, status, "misfire" if status == "missed" else "")]
    rows += [Row(one.key, "missed", "misfire") for one in others]
    effects = {KEY: [Entry(DUE + 50, "webhook", KEY)]} if status == "success" else {}
    return violations(Evidence([demand, *others], effects, {}, rows, [AWAY]))


def later(seconds: float, misfire: str) -> Demand:
    return Demand(f"due-1-{seconds}", "webhook", misfire=misfire, grace=5, task=1, due_at=DUE + seconds)


@pytest.mark.parametrize("misfire", ["skip", "fire_once"])
def test_what_an_outage_has_made_late_may_be_missed(misfire: str) -> None:
    assert judged_late("missed", misfire, 5) == []


def test_fire_all_misses_nothing() -> None:
    assert judged_late("missed", "fire_all", 5) == [f"{KEY}: ended missed misfire, which no fault explains"]


def test_what_no_beat_has_reached_in_time_must_not_run() -> None:
    wrong = [f"{KEY}: is success, and no beat was there within its grace"]
    assert judged_late("success", "skip", 5) == wrong
    assert judged_late("success", "fire_once", 5, later(10, "fire_once")) == wrong


def test_the_latest_late_one_and_one_within_its_grace_may_run() -> None:
    assert judged_late("success", "fire_once", 5) == []
    assert judged_late("success", "skip", 60) == []
    assert judged_late("success", "fire_all", 5) == []


def row(status: str = "success", error_code: str = "", lost: int = 0, *deliveries: str) -> Row:
    return Row(KEY, status, error_code, lost, deliveries)


def test_a_due_time_that_happened_once_is_well() -> None:
    assert judged(row(), effects=[1]) == []


def test_one_without_a_row_is_lost() -> None:
    assert judged() == [f"{KEY}: no row"]


def test_a_process_that_ended_though_nobody_killed_it() -> None:
    seen = violations(Evidence([], {}, {}, [], fallen={"beat-1": 2, "script-1": 1}))
    assert seen == ["beat-1 ended by itself"]


def test_a_task_that_goes_on_to_raise_when_the_fault_is_over() -> None:
    struck = [Struck("database away", 100, 160)]
    late = [Raised("notifications.drain", at) for at in (99.0, 101.0, 169.0, 171.0, 900.0)]
    seen = violations(Evidence([], {}, {}, [], struck, raised=late))
    assert seen == ["notifications.drain raised 3 times, and no fault went on"]


def test_a_task_that_raised_is_read_from_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        "2026-11-21 16:00:07,250 ERROR celery.app.trace Task notifications.drain[0b1c-1] raised unexpected: X(1)\n"
        "Traceback (most recent call last):\n"
        "2026-11-21 16:00:08,000 WARNING scheduling.beat.scheduler Task x[1] raised eyebrows\n"
    )
    at = datetime(2026, 11, 21, 8, 0, 7, 250_000, UTC).timestamp()
    assert list(raised(log)) == [Raised("notifications.drain", at)]


def test_two_rows_of_one_due_time() -> None:
    assert judged(row(), row(), effects=[1]) == [f"{KEY}: 2 rows"]


def test_what_nobody_demanded() -> None:
    strange = violations(Evidence([], {}, {}, [row()]))
    assert strange == [f"{KEY}: nobody demanded it"]


def test_what_was_asked_for_and_not_promised_may_happen() -> None:
    assert violations(Evidence([], {}, {}, [row()], unsure=frozenset({KEY}))) == []


@pytest.mark.parametrize("status", ["queued", "running"])
def test_a_run_that_never_ends(status: str) -> None:
    assert judged(row(status)) == [f"{KEY}: has no final row, it is {status}"]


def test_a_success_that_never_happened() -> None:
    assert judged(row()) == [f"{KEY}: called a success, and nothing has happened"]


def test_an_end_that_no_fault_explains() -> None:
    assert judged(row("failed", "internal_error")) == [
        f"{KEY}: ended failed internal_error, which no fault explains"
    ]
    assert judged(row("missed", "misfire")) == [f"{KEY}: ended missed misfire, which no fault explains"]


def test_a_skip_is_the_tasks_own_wish() -> None:
    assert judged(row("skipped", "overlap"), overlap="skip") == []
    assert judged(row("skipped", "overlap")) == [f"{KEY}: ended skipped overlap, which no fault explains"]


def test_a_skip_that_happened() -> None:
    assert judged(row("skipped", "overlap"), overlap="skip", effects=[1]) == [
        f"{KEY}: called skipped, and it has happened"
    ]


def test_twice_where_a_worker_died_in_between() -> None:
    assert judged(row(lost=1), effects=[1, 40], struck=[Struck("io worker", 2, 4)]) == []


def test_twice_where_no_worker_is_called_lost() -> None:
    struck = [Struck("io worker", 2, 4)]
    assert judged(row(), effects=[1, 40], struck=struck) == [f"{KEY}: happened 2 times, 0 workers lost"]


def test_twice_where_a_worker_is_called_lost_and_none_has_died() -> None:
    struck = [Struck("database frozen", 2, 22), Struck("io worker", 50, 52)]
    assert judged(row(lost=1), effects=[1, 40], struck=struck) == [
        f"{KEY}: happened again 39.0 s later, and nothing has died meanwhile"
    ]


def test_dify_is_never_called_again() -> None:
    struck = [Struck("io worker", 2, 4)]
    assert len(judged(row(lost=1), kind="dify", effects=[1, 40], struck=struck)) == 1


def test_a_message_arrives_once() -> None:
    assert judged(row("success", "", 0, "sent"), effects=[1], shown=1, has_robot=True) == []


@pytest.mark.parametrize("shown", [0, 1])
def test_of_an_unknown_delivery_nobody_knows(shown: int) -> None:
    assert judged(row("success", "", 0, "unknown"), effects=[1], shown=shown, has_robot=True) == []


@pytest.mark.parametrize(
    ("deliveries", "shown", "said"),
    [
        ((), 0, "0 deliveries in place of 1"),
        (("sent", "sent"), 1, "2 deliveries in place of 1"),
        (("sent",), 0, "its message is called sent, and nobody has seen it"),
        (("sent",), 2, "its message was shown 2 times"),
        (("sending",), 0, "its message is sending"),
        (("failed",), 0, "its message is failed"),
    ],
)
def test_a_message_that_is_lost_or_doubled(deliveries: tuple[str, ...], shown: int, said: str) -> None:
    run = row("success", "", 0, *deliveries)
    assert judged(run, effects=[1], shown=shown, has_robot=True) == [f"{KEY}: {said}"]


def test_a_failure_sends_no_result() -> None:
    run = row("failed", "worker_lost", 2, "sent")
    assert judged(run, shown=1, has_robot=True) == [f"{KEY}: 1 deliveries in place of 0"]
