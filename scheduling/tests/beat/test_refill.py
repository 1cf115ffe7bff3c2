"""Beat sleeps until the workers have nearly used up what it put ahead for them."""

import threading
import time

from common import process_registry
from common.redis_client import client
from scheduling.beat import refill

LONG = 600.0  # seconds: the test's time limit would tell of a sleep


def slots(count: int) -> None:
    process_registry.announce(process_registry.ProcessEntry("worker", "w", ["script", "io"], count))


def test_an_idle_beat_sleeps_its_time() -> None:
    began = time.monotonic()
    assert not refill.wait(0.05, set())
    assert time.monotonic() - began >= 0.05


def test_a_queue_that_is_empty_already_ends_the_sleep_at_once() -> None:
    assert refill.wait(LONG, {"script"}) == {"script"}


def test_a_full_queue_ends_the_sleep_when_a_message_a_slot_is_left() -> None:
    slots(2)
    client().lpush("script", *range(8))
    found: list[set[str]] = []
    sleeper = threading.Thread(target=lambda: found.append(refill.wait(LONG, {"script"})), daemon=True)
    sleeper.start()
    while client().llen("script") > 2:
        assert not found
        client().rpop("script")
    sleeper.join(LONG)
    assert found == [{"script"}]


def test_only_queues_with_more_than_a_message_a_slot_are_busy() -> None:
    slots(2)
    client().lpush("io", *range(3))
    client().lpush("script", *range(2))
    assert refill.busy() == {"io"}


def test_another_queue_is_no_reason_to_wake() -> None:
    slots(2)
    client().lpush("io", *range(8))
    assert not refill.wait(0.2, {"io"})
