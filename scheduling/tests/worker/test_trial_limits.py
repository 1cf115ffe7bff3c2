"""What a test run writes is kept in Redis: the same caps as a run's, and one for the messages it records."""

from __future__ import annotations

import json

import pytest
from redis import Redis

from scheduling.lifecycle import run_logs, trials
from scheduling.lifecycle.trials import TrialRequest
from scheduling.worker.trial import UNSENT_CHARACTERS, TrialContext
from tenants.access import SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked() -> TrialRequest:
    return TrialRequest("print(1)", "", {"large": "x" * 100_000}, 30, None)


@pytest.fixture
def context(asked: TrialRequest) -> TrialContext:
    return TrialContext("1", asked)


def test_the_lines_of_a_test_run_are_cut_as_a_runs_are(context: TrialContext) -> None:
    for _ in range(40):
        context.line("x" * 3_000_000, "stdout")
    context.flush()
    texts = [line.text for line in trials.lines_after("1")]
    assert texts[-1] == run_logs.CUT
    assert sum(map(len, texts)) <= run_logs.OUTPUT_CAP + len(run_logs.CUT)


def test_a_test_run_records_so_many_messages_and_says_that_there_were_more(context: TrialContext) -> None:
    for _ in range(80):
        context.would_send("notify", "x" * 300_000)
    context.flush()
    assert len(json.dumps([unsent.message for unsent in context.unsent])) <= UNSENT_CHARACTERS
    assert trials.lines_after("1")[-1].text.startswith("notify: not recorded")


def test_what_nobody_takes_leaves_redis_by_itself(asked: TrialRequest, redis: Redis) -> None:
    trials.ask(asked, SYSTEM)
    large = [key for key in redis.keys("platform:trial:*") if (redis.memory_usage(key) or 0) > 50_000]
    assert [0 < redis.ttl(key) <= 2 * trials.TAKE_SECONDS for key in large] == [True]
