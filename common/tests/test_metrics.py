"""Counts of several processes become one sum, whatever happens to Redis meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress

import pytest
from redis import Redis, RedisError

from common import metrics
from common.metrics import Count, Histogram
from testing.patience import eventually

STARTS = Count("starts", "", ("kind",))
SECONDS = Histogram("seconds", "", ("kind",), (1, 5))


def test_what_is_counted_is_added_to_what_others_have_counted(redis: Redis) -> None:
    redis.hset(metrics.KEY, '["starts", "a"]', "40")
    for kind in "aab":
        STARTS.add(kind)
    metrics.flush()
    assert metrics.totals() == {("starts", "a"): 42, ("starts", "b"): 1}


def test_a_time_falls_into_the_first_bucket_that_holds_it() -> None:
    for seconds in (0.5, 1, 1.5, 9):
        SECONDS.observe(seconds, "a")
    metrics.flush()
    names = {field[2]: amount for field, amount in metrics.totals().items()}
    assert names == {"1": 2, "5": 1, "+Inf": 1, "sum": 12}


def test_without_redis_nothing_is_lost_and_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    STARTS.add("a")
    with monkeypatch.context() as patch:
        patch.setattr(metrics, "client", lambda: Redis(port=1, socket_connect_timeout=1))
        STARTS.add("a")
        with suppress(RedisError):
            metrics.flush()
    eventually(lambda: metrics.totals() == {("starts", "a"): 2})


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # so does billiard
def test_a_forked_child_does_not_count_its_parents_again() -> None:
    STARTS.add("a")
    if (child := os.fork()) == 0:
        STARTS.add("b")
        metrics.flush()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    metrics.flush()
    assert metrics.totals() == {("starts", "a"): 1, ("starts", "b"): 1}


def test_a_process_that_ends_in_peace_hands_on_what_it_has_counted() -> None:
    ours = "from common.metrics import Count; Count('starts', '', ()).add()"
    program = f"import django; django.setup(); {ours}"
    environ = os.environ | {"DJANGO_SETTINGS_MODULE": "platform_site.config.settings"}
    subprocess.run([sys.executable, "-c", program], env=environ, check=True)
    assert metrics.totals() == {("starts",): 1}
