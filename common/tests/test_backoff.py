from random import Random

import pytest

from common.backoff import MAX_PAUSE_SECONDS, backoff_seconds


class Halfway(Random):
    def random(self) -> float:
        return 0.5


HALFWAY = Halfway()


@pytest.mark.parametrize("failures", [1, 2, 50])
def test_fixed_always_waits_the_same(failures: int) -> None:
    assert backoff_seconds("fixed", 60, failures, Random(1)) == 60


def test_exponential_doubles_from_the_base() -> None:
    waits = [backoff_seconds("exponential", 2, failures, HALFWAY) for failures in (1, 2, 3, 4)]
    assert waits == [2, 4, 8, 16]


def test_exponential_ends_at_the_cap() -> None:
    assert backoff_seconds("exponential", 60, 1_000_000, HALFWAY) == MAX_PAUSE_SECONDS
    assert backoff_seconds("exponential", 2, 9, HALFWAY, cap_seconds=60) == 60


def test_jitter_stays_within_a_fifth_and_spreads() -> None:
    random = Random(42)
    waits = [backoff_seconds("exponential", 10, 1, random) for _ in range(500)]
    assert 8 <= min(waits) < 8.5
    assert 11.5 < max(waits) <= 12
