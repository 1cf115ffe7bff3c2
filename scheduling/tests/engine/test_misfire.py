from datetime import timedelta

from scheduling.engine.misfire import judge
from scheduling.tests.make import MINUTE, NOW

GRACE = timedelta(seconds=300)
DUES = [NOW - 10 * MINUTE, NOW - 8 * MINUTE, NOW - 1 * MINUTE, NOW]


def fates(policy: str, *, more: bool = False) -> list[str]:
    return [verdict.fate for verdict in judge(DUES, NOW, policy, GRACE, more=more)]


def test_within_its_grace_every_due_time_runs() -> None:
    assert [v.fate for v in judge(DUES[2:], NOW, "skip", GRACE)] == ["run", "run"]


def test_exactly_its_grace_late_is_no_misfire() -> None:
    assert [v.fate for v in judge([NOW - GRACE], NOW, "skip", GRACE)] == ["run"]


def test_fire_once_runs_the_latest_late_one() -> None:
    assert fates("fire_once") == ["missed", "run", "run", "run"]


def test_fire_once_waits_for_the_latest_while_more_are_to_be_read() -> None:
    assert fates("fire_once", more=True) == ["missed", "missed", "run", "run"]


def test_skip_runs_no_late_one() -> None:
    assert fates("skip") == ["missed", "missed", "run", "run"]


def test_fire_all_runs_late_ones_in_order() -> None:
    assert fates("fire_all") == ["late_run", "late_run", "run", "run"]
