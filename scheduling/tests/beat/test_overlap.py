import pytest

from scheduling.beat.overlap import how_many_go

POLICIES = ["skip", "queue", "allow", "replace"]


@pytest.mark.parametrize("policy", POLICIES)
def test_due_times_that_are_reached_together_do_not_overlap_with_each_other(policy: str) -> None:
    assert how_many_go(policy, 4, 0) == 4


def test_an_unfinished_run_has_all_of_them_skipped() -> None:
    assert how_many_go("skip", 4, 1) == 0


def test_queue_lets_one_wait_behind_the_unfinished_run() -> None:
    assert how_many_go("queue", 4, 1) == 1
    assert how_many_go("queue", 0, 1) == 0


def test_queue_lets_none_wait_where_one_waits_already() -> None:
    assert how_many_go("queue", 1, 2) == 0


@pytest.mark.parametrize("policy", ["allow", "replace"])
def test_beside_or_in_place_of_an_unfinished_run_all_go(policy: str) -> None:
    assert how_many_go(policy, 2, 3) == 2
