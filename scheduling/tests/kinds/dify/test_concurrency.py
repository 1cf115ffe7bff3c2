"""How many runs of one Dify app go on at a time, over all workers. Each `Places` is a worker of its own."""

from __future__ import annotations

import socket

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from common.redis_client import client
from common.redis_windows import Leases
from scheduling.kinds.dify.concurrency import Places, app_of


def worker(limit: int = 2) -> Places:
    return Places(Leases(client(), "dify"), limit)


def nobody() -> Places:
    """A worker whose Redis has gone."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return Places(Leases(Redis(port=port, retry=Retry(NoBackoff(), 0)), "dify"), 2)


def test_all_workers_share_one_limit() -> None:
    with (
        worker().place("app", "run 1", is_going_on=False) as first,
        worker().place("app", "run 2", is_going_on=False) as second,
        worker().place("app", "run 3", is_going_on=False) as third,
    ):
        assert (first, second, third) == ("taken", "taken", "full")


def test_another_app_has_places_of_its_own() -> None:
    one = worker(limit=1)
    with (
        one.place("app", "run 1", is_going_on=False),
        one.place("other", "run 2", is_going_on=False) as other,
    ):
        assert other == "taken"


def test_a_run_that_ends_gives_its_place_back() -> None:
    one = worker(limit=1)
    with one.place("app", "run 1", is_going_on=False):
        pass
    with one.place("app", "run 2", is_going_on=False) as second:
        assert second == "taken"


def test_a_run_that_fails_gives_its_place_back() -> None:
    one = worker(limit=1)
    with pytest.raises(ZeroDivisionError), one.place("app", "run 1", is_going_on=False):
        raise ZeroDivisionError
    assert one.leases.count("app") == 0


def test_one_that_got_no_place_gives_none_back() -> None:
    one = worker(limit=1)
    with one.place("app", "run 1", is_going_on=False):
        with one.place("app", "run 2", is_going_on=False):
            pass
        assert one.leases.count("app") == 1


def test_a_recovered_run_takes_over_its_dead_workers_place() -> None:
    worker(limit=1).leases.acquire("app", "run 1", 1, 60)
    with worker(limit=1).place("app", "run 1", is_going_on=True) as place:
        assert place == "taken"
        assert worker().leases.count("app") == 1


def test_what_goes_on_in_dify_is_counted_even_beyond_the_limit() -> None:
    one = worker(limit=1)
    with one.place("app", "run 1", is_going_on=False), one.place("app", "run 2", is_going_on=True) as second:
        assert second == "taken"
        assert one.leases.count("app") == 2


def test_a_redis_that_restarted_empty_learns_of_the_holders_again(redis: Redis) -> None:
    one = worker(limit=1)
    with one.place("app", "run 1", is_going_on=False):
        redis.flushall()
        one.renew()
        with worker(limit=1).place("app", "run 2", is_going_on=False) as second:
            assert second == "full"


def test_without_redis_nobody_is_held_back() -> None:
    with nobody().place("app", "run 1", is_going_on=False) as place:
        assert place == "unknown"


def test_the_key_of_an_app_tells_neither_its_address_nor_its_key() -> None:
    keys = {app_of("http://a/v1", "app-1"), app_of("http://a/v1", "app-2"), app_of("http://b/v1", "app-1")}
    assert len(keys) == 3
    assert not any("app-" in key or "http" in key for key in keys)
