"""The storm's plan and the due times of its rules."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from tests.faults.plan import FAULTS, Force, lanes
from tests.faults.rules import KINDS, rules

BEGIN = datetime(2026, 11, 21, 8, 0, 30, 500_000, UTC)
FORCE = Force(seconds=300, times=3, freeze=20, away=60, outage=45)


def test_a_seed_makes_one_plan() -> None:
    assert lanes(FORCE, Random(7)) == lanes(FORCE, Random(7))
    assert lanes(FORCE, Random(7)) != lanes(FORCE, Random(8))


def test_each_fault_strikes_as_often_as_it_was_asked_to_within_the_time() -> None:
    planned = [fault for lane in lanes(FORCE, Random(7)) for fault in lane]
    assert Counter(fault.name for fault in planned) == dict.fromkeys(FAULTS, 3)
    assert all(fault.at + fault.seconds <= FORCE.seconds for fault in planned)


@pytest.mark.parametrize(
    ("name", "max_seconds"),
    [("beats away", FORCE.outage), ("database away", FORCE.away), ("redis emptied", FORCE.away)],
)
def test_what_is_away_is_so_once_for_the_longest_time_and_else_by_chance(
    name: str, max_seconds: float
) -> None:
    planned = [fault for lane in lanes(FORCE, Random(7)) for fault in lane]
    *shorter, last = sorted(fault.seconds for fault in planned if fault.name == name)
    assert last == max_seconds
    assert all(5 <= seconds < max_seconds for seconds in shorter)
    assert len(set(shorter)) == 2


def test_the_faults_of_a_lane_come_one_after_another() -> None:
    for lane in lanes(FORCE, Random(7)):
        assert all(before.at + before.seconds <= after.at for before, after in pairwise(lane))


def test_rules_of_all_kinds_name_due_times_of_whole_seconds_within_their_bounds() -> None:
    end = BEGIN + timedelta(minutes=1)
    made = rules(60, BEGIN, end, Random(7))
    assert {rule.kind for rule in made} == set(KINDS)
    assert {rule.robot for rule in made} == {"", "dingtalk", "wecom"}
    for rule in made:
        dues = list(rule.dues())
        assert dues or rule.every > 60
        assert all(BEGIN < due < end and not due.microsecond for due in dues)


def test_a_rule_is_read_second_by_second() -> None:
    rule = next(
        rule for rule in rules(60, BEGIN, BEGIN + timedelta(minutes=1), Random(7)) if rule.every == 10
    )
    assert {due.second % 10 for due in rule.dues()} == {rule.first}
    assert len(list(rule.dues())) == 6
