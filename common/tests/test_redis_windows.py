"""Against a real redis-server; time is simulated, the races are not."""

import threading

import pytest
from redis import Redis

from common.redis_windows import Leases, Limit, RateWindow

NOON = 1_800_000_000.0
A_MINUTE = [Limit(20, 60)]


class Clock:
    """Shows what it was set to."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Rates(RateWindow):
    def __init__(self, redis: Redis, clock: Clock) -> None:
        super().__init__(redis, clock=clock)
        self.clock = clock

    def at(self, now: float) -> RateWindow:
        self.clock.at = now
        return self


class Held(Leases):
    def __init__(self, redis: Redis, clock: Clock) -> None:
        super().__init__(redis, clock=clock)
        self.clock = clock

    def at(self, now: float) -> Leases:
        self.clock.at = now
        return self


@pytest.fixture
def rates(redis: Redis, clock: Clock) -> Rates:
    return Rates(redis, clock)


@pytest.fixture
def leases(redis: Redis, clock: Clock) -> Held:
    return Held(redis, clock)


def test_up_to_the_limit_all_go_ahead(rates: Rates) -> None:
    assert [rates.at(NOON).take("robot", A_MINUTE) for _ in range(20)] == [0.0] * 20
    assert rates.at(NOON).take("robot", A_MINUTE) == 60


def test_the_window_slides(rates: Rates) -> None:
    for second in range(20):
        assert rates.at(NOON + second).take("robot", A_MINUTE) == 0
    assert rates.at(NOON + 50).take("robot", A_MINUTE) == 10
    assert rates.at(NOON + 60).take("robot", A_MINUTE) == 0
    assert rates.at(NOON + 60).take("robot", A_MINUTE) == 1


def test_no_window_ever_holds_more_than_the_limit(rates: Rates) -> None:
    limits, clock = [Limit(5, 1), Limit(12, 10)], NOON
    sent: list[float] = []
    while len(sent) < 60:
        wait = rates.at(clock).take("robot", limits)
        if wait == 0:
            sent.append(clock)
        clock += wait or 0.037
    for limit in limits:
        assert all(round(b - a, 3) >= limit.seconds for a, b in zip(sent, sent[limit.count :], strict=False))


def test_an_asker_who_has_to_wait_uses_up_nothing(rates: Rates) -> None:
    for _ in range(20):
        rates.at(NOON).take("robot", A_MINUTE)
    for _ in range(50):
        rates.at(NOON + 30).take("robot", A_MINUTE)
    assert [rates.at(NOON + 60).take("robot", A_MINUTE) for _ in range(20)] == [0.0] * 20


def test_two_robots_do_not_wait_for_each_other(rates: Rates) -> None:
    for _ in range(20):
        rates.at(NOON).take("one", A_MINUTE)
    assert rates.at(NOON).take("two", A_MINUTE) == 0


def test_a_pause_holds_everybody_until_its_end(rates: Rates) -> None:
    rates.at(NOON).pause("robot", 600)
    assert rates.at(NOON + 1).take("robot", A_MINUTE) == 599
    assert rates.at(NOON + 600).take("robot", A_MINUTE) == 0


def test_a_shorter_pause_does_not_end_a_longer_one(rates: Rates) -> None:
    rates.at(NOON).pause("robot", 600)
    rates.at(NOON).pause("robot", 5)
    assert rates.at(NOON + 5).take("robot", A_MINUTE) == 595


def test_whatever_a_workers_clock_says_the_servers_counts(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.time", lambda: 0.0)
    rates = RateWindow(redis)
    assert [rates.take("robot", A_MINUTE) for _ in range(20)] == [0.0] * 20
    assert 0 < rates.take("robot", A_MINUTE) <= 60
    rates.pause("other", 3600)
    assert 0 < rates.take("other", A_MINUTE) <= 3600


def test_many_workers_at_once_never_exceed_the_rate(redis_port: int, redis: Redis) -> None:
    taken: list[float] = []

    def worker() -> None:
        with Redis(port=redis_port) as own:
            rates = RateWindow(own, clock=lambda: NOON)
            taken.extend(rates.take("robot", A_MINUTE) for _ in range(10))

    in_threads(8, worker)
    assert sorted(taken)[:21] == [0.0] * 20 + [60.0]


def test_nothing_stays_behind_for_ever(redis: Redis) -> None:
    rates, leases = RateWindow(redis), Leases(redis)
    rates.take("robot", A_MINUTE)
    rates.pause("robot", 50)
    leases.acquire("key", "run-1", limit=1, ttl_seconds=30)
    keys = list(redis.scan_iter())
    assert len(keys) == 3
    assert all(0 < redis.pttl(key) <= 60_000 for key in keys)


def test_only_so_many_hold_a_key_at_once(leases: Held) -> None:
    assert [leases.at(NOON).acquire("dify", f"run-{n}", 2, 30) for n in range(3)] == [True, True, False]
    leases.release("dify", "run-0")
    assert leases.at(NOON).acquire("dify", "run-2", 2, 30)
    assert leases.at(NOON).count("dify") == 2


def test_acquiring_twice_takes_one_place(leases: Held) -> None:
    assert leases.at(NOON).acquire("dify", "run-1", 1, 30)
    assert leases.at(NOON + 10).acquire("dify", "run-1", 1, 30)
    assert leases.at(NOON + 39).count("dify") == 1


def test_a_holder_that_stops_renewing_loses_its_place(leases: Held) -> None:
    leases.at(NOON).acquire("dify", "dead", 1, 30)
    assert not leases.at(NOON + 29.9).acquire("dify", "next", 1, 30)
    assert leases.at(NOON + 30).acquire("dify", "next", 1, 30)
    assert not leases.at(NOON + 31).renew("dify", "dead", 30)
    assert leases.at(NOON + 31).count("dify") == 1


def test_a_renewed_lease_holds(leases: Held) -> None:
    leases.at(NOON).acquire("dify", "alive", 1, 30)
    assert leases.at(NOON + 20).renew("dify", "alive", 30)
    assert not leases.at(NOON + 45).acquire("dify", "next", 1, 30)


def test_a_lapsed_lease_is_not_renewed_even_when_nobody_took_the_place(leases: Held) -> None:
    leases.at(NOON).acquire("dify", "late", 1, 30)
    assert not leases.at(NOON + 31).renew("dify", "late", 30)


def test_many_workers_at_once_never_exceed_the_limit(redis_port: int, redis: Redis) -> None:
    got: list[bool] = []

    def worker() -> None:
        with Redis(port=redis_port) as own:
            leases = Leases(own, clock=lambda: NOON)
            name = threading.current_thread().name
            got.extend(leases.acquire("dify", f"{name}-{n}", 10, 30) for n in range(5))

    in_threads(8, worker)
    assert sum(got) == 10


def in_threads(count: int, work: object) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
