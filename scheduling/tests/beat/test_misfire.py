from datetime import timedelta

from scheduling.beat.misfire import TICK, find_missed, is_late
from scheduling.tests.make import MINUTE, NOW

GRACE = timedelta(seconds=300)
DUES = [NOW - 10 * MINUTE, NOW - 8 * MINUTE, NOW - 1 * MINUTE, NOW]


def test_within_its_grace_every_due_time_runs() -> None:
    assert find_missed(DUES[2:], NOW, "skip", GRACE) == set()


def test_a_tick_more_than_its_grace_late_is_no_misfire() -> None:
    assert not is_late(NOW - GRACE - TICK, NOW, GRACE)
    assert is_late(NOW - GRACE - TICK - timedelta(milliseconds=1), NOW, GRACE)


def test_without_any_grace_a_due_time_that_is_reached_by_the_next_tick_runs() -> None:
    assert find_missed([NOW - TICK, NOW], NOW, "skip", timedelta(0)) == set()


def test_fire_once_runs_the_latest_late_one() -> None:
    assert find_missed(DUES, NOW, "fire_once", GRACE) == {DUES[0]}


def test_fire_once_runs_none_of_the_late_ones_while_later_late_ones_follow() -> None:
    assert find_missed(DUES, NOW, "fire_once", GRACE, more=True) == {DUES[0], DUES[1]}


def test_skip_runs_no_late_one() -> None:
    assert find_missed(DUES, NOW, "skip", GRACE) == {DUES[0], DUES[1]}


def test_fire_all_runs_late_ones() -> None:
    assert find_missed(DUES, NOW, "fire_all", GRACE) == set()
