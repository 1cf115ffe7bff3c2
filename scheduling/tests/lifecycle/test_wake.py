"""A call to beat waits until one beat hears it: many calls are one, and no call is kept for two."""

from __future__ import annotations

import threading

import pytest
import redis
from redis import Redis

from scheduling.lifecycle import wake
from testing.redis_away import away

LONG = 600.0  # seconds: the test's time limit would tell of a sleep


def test_one_of_two_beats_hears_a_call() -> None:
    wake.beat()
    assert [wake.wait(0.01), wake.wait(0.01)] == [True, False]


def test_however_many_have_called_one_look_serves_them_all() -> None:
    for _ in range(3):
        wake.beat()
    assert [wake.wait(0.01), wake.wait(0.01)] == [True, False]


def test_who_waits_already_is_called_at_once() -> None:
    heard: list[bool] = []
    sleeper = threading.Thread(target=lambda: heard.append(wake.wait(LONG)), daemon=True)
    sleeper.start()
    wake.beat()
    sleeper.join(LONG)
    assert heard == [True]


@pytest.mark.parametrize("seconds", [0.001, 0.0, -1.0])
def test_next_to_no_time_to_wait_is_no_wait_for_ever(seconds: float) -> None:
    assert not wake.wait(seconds)
    wake.beat()
    assert wake.wait(seconds)


def test_with_redis_away_a_call_is_left_to_the_next_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wake, "client", away)
    wake.beat()
    with pytest.raises(redis.RedisError):
        wake.wait(0.01)


def test_a_call_leaves_one_key_whatever_is_on_the_queues(redis: Redis) -> None:
    redis.lpush("script", "{}")
    wake.beat()
    assert redis.llen(wake.KEY) == redis.llen("script") == 1
