"""Against a real redis-server; time is simulated, the races are not."""

import threading

import pytest
from redis import Redis

from common.redis_windows import Leases, Limit, RateWindow

NOON = 1_800_000_000.0
A_MINUTE = [Limit(20, 60)]


@pytest.fixture
def rates(redis: Redis) -> RateWindow:
    return RateWindow(redis)


@pytest.fixture
def leases(redis: Redis) -> Leases:
    return Leases(redis)


def test_up_to_the_limit_all_go_ahead(rates: RateWindow) -> None:
    assert [rates.take("robot", A_MINUTE, NOON) for _ in range(20)] == [0.0] * 20
    assert rates.take("robot", A_MINUTE, NOON) == 60


def test_the_window_slides(rates: RateWindow) -> None:
    for second in range(20):
        assert rates.take("robot", A_MINUTE, NOON + second) == 0
    assert rates.take("robot", A_MINUTE, NOON + 50) == 10
    assert rates.take("robot", A_MINUTE, NOON + 60) == 0
    assert rates.take("robot", A_MINUTE, NOON + 60) == 1


def test_no_window_ever_holds_more_than_the_limit(rates: RateWindow) -> None:
    limits, clock = [Limit(5, 1), Limit(12, 10)], NOON
    sent: list[float] = []
    while len(sent) < 60:
        wait = rates.take("robot", limits, clock)
        if wait == 0:
            sent.append(clock)
        clock += wait or 0.037
    for limit in limits:
        assert all(round(b - a, 3) >= limit.seconds for a, b in zip(sent, sent[limit.count :], strict=False))


def test_an_asker_who_has_to_wait_uses_up_nothing(rates: RateWindow) -> None:
    for _ in range(20):
        rates.take("robot", A_MINUTE, NOON)
    for _ in range(50):
        rates.take("robot", A_MINUTE, NOON + 30)
    assert [rates.take("robot", A_MINUTE, NOON + 60) for _ in range(20)] == [0.0] * 20


def test_two_robots_do_not_wait_for_each_other(rates: RateWindow) -> None:
    for _ in range(20):
        rates.take("one", A_MINUTE, NOON)
    assert rates.take("two", A_MINUTE, NOON) == 0


def test_a_pause_holds_everybody_until_its_end(rates: RateWindow) -> None:
    rates.pause("robot", until=NOON + 600, now=NOON)
    assert rates.take("robot", A_MINUTE, NOON + 1) == 599
    assert rates.take("robot", A_MINUTE, NOON + 600) == 0


def test_a_shorter_pause_does_not_end_a_longer_one(rates: RateWindow) -> None:
    rates.pause("robot", until=NOON + 600, now=NOON)
    rates.pause("robot", until=NOON + 5, now=NOON)
    assert rates.take("robot", A_MINUTE, NOON + 5) == 595


def test_without_a_given_time_the_servers_clock_counts(redis: Redis, rates: RateWindow) -> None:
    seconds, _ = redis.time()
    assert [rates.take("robot", A_MINUTE) for _ in range(20)] == [0.0] * 20
    assert 0 < rates.take("robot", A_MINUTE) <= 60
    rates.pause("other", until=seconds + 3600)
    assert 0 < rates.take("other", A_MINUTE) <= 3600


def test_many_workers_at_once_never_exceed_the_rate(redis_port: int, redis: Redis) -> None:
    taken: list[float] = []

    def worker() -> None:
        with Redis(port=redis_port) as own:
            rates = RateWindow(own)
            taken.extend(rates.take("robot", A_MINUTE, NOON) for _ in range(10))

    in_threads(8, worker)
    assert sorted(taken)[:21] == [0.0] * 20 + [60.0]


def test_nothing_stays_behind_for_ever(redis: Redis, rates: RateWindow, leases: Leases) -> None:
    rates.take("robot", A_MINUTE)
    rates.pause("robot", until=redis.time()[0] + 50)
    leases.acquire("key", "run-1", limit=1, ttl_seconds=30)
    keys = list(redis.scan_iter())
    assert len(keys) == 3
    assert all(0 < redis.pttl(key) <= 60_000 for key in keys)


def test_only_so_many_hold_a_key_at_once(leases: Leases) -> None:
    assert [leases.acquire("dify", f"run-{n}", 2, 30, NOON) for n in range(3)] == [True, True, False]
    leases.release("dify", "run-0")
    assert leases.acquire("dify", "run-2", 2, 30, NOON)
    assert leases.count("dify", NOON) == 2


def test_acquiring_twice_takes_one_place(leases: Leases) -> None:
    assert leases.acquire("dify", "run-1", 1, 30, NOON)
    assert leases.acquire("dify", "run-1", 1, 30, NOON + 10)
    assert leases.count("dify", NOON + 39) == 1


def test_a_holder_that_stops_renewing_loses_its_place(leases: Leases) -> None:
    leases.acquire("dify", "dead", 1, 30, NOON)
    assert not leases.acquire("dify", "next", 1, 30, NOON + 29.9)
    assert leases.acquire("dify", "next", 1, 30, NOON + 30)
    assert not leases.renew("dify", "dead", 30, NOON + 31)
    assert leases.count("dify", NOON + 31) == 1


def test_a_renewed_lease_holds(leases: Leases) -> None:
    leases.acquire("dify", "alive", 1, 30, NOON)
    assert leases.renew("dify", "alive", 30, NOON + 20)
    assert not leases.acquire("dify", "next", 1, 30, NOON + 45)


def test_a_lapsed_lease_is_not_renewed_even_when_nobody_took_the_place(leases: Leases) -> None:
    leases.acquire("dify", "late", 1, 30, NOON)
    assert not leases.renew("dify", "late", 30, NOON + 31)


def test_many_workers_at_once_never_exceed_the_limit(redis_port: int, redis: Redis) -> None:
    got: list[bool] = []

    def worker() -> None:
        with Redis(port=redis_port) as own:
            leases = Leases(own)
            name = threading.current_thread().name
            got.extend(leases.acquire("dify", f"{name}-{n}", 10, 30, NOON) for n in range(5))

    in_threads(8, worker)
    assert sum(got) == 10


def in_threads(count: int, work: object) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
