"""Outages that nobody has waited for: what is planned, and each thing that must not come of it, made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from tests.faults.ledger import Entry
from tests.faults.outages import EVERY, LONGEST, POLICIES, SHORTEST, Outage, Row, fates, outages, violations
from tests.faults.rules import Rule

END = datetime(2026, 11, 21, 8, 10, 0, 500_000, UTC)
BACK = int(END.timestamp()) + 10


def outage(misfire: str, overlap: str, grace: int = 60, *, sends: bool = False) -> Outage:
    """Of three minutes, due at each; beats are back 10 s after the last: the first two are late."""
    begin = END - timedelta(minutes=2, seconds=30)
    rule = Rule(7, "webhook", 0, 60, "cron", "UTC", overlap, misfire, grace, "", begin, END)
    return Outage(rule, sends, sends)


def fate(misfire: str, overlap: str, grace: int = 60, *, sends: bool = False) -> list[str]:
    return list(fates(outage(misfire, overlap, grace, sends=sends), BACK).values())


def test_a_seed_makes_the_same_outages_of_each_length_period_and_policy() -> None:
    made = outages(400, 200, END, Random(7))
    assert made == outages(400, 200, END, Random(7))
    assert {(one.rule.misfire, one.rule.overlap) for one in made} == set(POLICIES)
    assert {one.rule.every for one in made} == set(EVERY)
    assert {one.rule.schedule for one in made} == {"cron", "simple", "interval"}
    lengths = [(one.rule.end - one.rule.begin).total_seconds() for one in made]
    assert min(lengths) < 2 * SHORTEST
    assert max(lengths) > 0.9 * LONGEST
    assert all(SHORTEST <= length <= LONGEST for length in lengths)
    assert all(one.dues for one in made)
    assert {one.rule.number for one in made} == set(range(200, 600))


def test_each_pair_of_policies_finds_a_run_under_way() -> None:
    made = [one for one in outages(24, 0, END, Random(7)) if one.sends]
    assert sorted((one.rule.misfire, one.rule.overlap) for one in made) == sorted(POLICIES)


@pytest.mark.parametrize(
    ("misfire", "late"),
    [
        ("fire_all", ["success", "success"]),
        ("fire_once", ["missed", "success"]),
        ("skip", ["missed", "missed"]),
    ],
)
def test_what_is_late_ends_as_the_policy_says(misfire: str, late: list[str]) -> None:
    assert fate(misfire, "skip") == [*late, "success"]


@pytest.mark.parametrize(
    ("overlap", "ends"),
    [
        ("allow", ["success", "success", "success"]),
        ("skip", ["success", "skipped", "skipped"]),
        ("queue", ["success", "success", "skipped"]),
        ("replace", ["canceled", "success", "success"]),
    ],
)
def test_what_finds_a_run_under_way_ends_as_the_policy_says(overlap: str, ends: list[str]) -> None:
    assert fate("fire_all", overlap, sends=True) == ends


def judged(of: Outage, *statuses: str, happened: int | None = None, again: int | None = None) -> list[str]:
    """`happened`: of the first, in place of what follows from its status; `again`: a due time with a second row."""
    rows: list[Row] = list(zip(of.dues, statuses, strict=False))
    effects = {
        of.key(due): [Entry(due, "webhook", "")] * (status == "success" or of.is_under_way(due))
        for due, status in rows
    }
    if happened is not None:
        effects[of.key(of.dues[0])] = [Entry(0, "webhook", "")] * happened
    if again is not None:
        rows.append(rows[again])
    return [
        wrong.partition(": ")[2].partition(" (")[0]
        for wrong in violations(of, rows, effects, [BACK, BACK + 1])
    ]


ALL = outage("fire_all", "skip")


def test_what_the_rules_say_is_well() -> None:
    assert judged(ALL, "success", "success", "success") == []
    assert judged(outage("fire_all", "replace", sends=True), "canceled", "success", "success") == []


def test_what_was_in_time_for_a_beat_that_came_early_may_have_run() -> None:
    edge = outage("skip", "skip", grace=70)
    assert judged(edge, "missed", "success", "success") == []
    assert judged(edge, "missed", "missed", "success") == []
    assert judged(edge, "success", "success", "success") == ["is success, and the rules say missed"]


def test_a_wrong_end_a_lost_row_and_a_second_one() -> None:
    assert judged(ALL, "success", "missed", "success") == ["is missed, and the rules say success"]
    assert judged(ALL, "success", "success") == ["0 rows in place of 1"]
    assert judged(ALL, "success", "success", "success", again=1) == ["2 rows in place of 1"]


@pytest.mark.parametrize("happened", [0, 2])
def test_what_has_not_happened_once(happened: int) -> None:
    assert judged(outage("fire_all", "allow"), *["success"] * 3, happened=happened) == [
        f"is success, and happened {happened} times"
    ]


def test_runs_out_of_order() -> None:
    effects = {ALL.key(due): [Entry(-due, "webhook", "")] for due in ALL.dues}
    [wrong] = violations(ALL, [(due, "success") for due in ALL.dues], effects, [BACK])
    assert wrong.startswith("due-7: not one after another")
