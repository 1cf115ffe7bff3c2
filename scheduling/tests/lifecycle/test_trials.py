"""A test run in Redis: asked for, taken once, ended once, and forgotten by itself whatever becomes of its worker."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from celery import current_app
from redis import Redis

from common.concurrency import NoPlaceError
from scheduling.kinds.script.kind import SCRIPT
from scheduling.lifecycle import trials
from scheduling.lifecycle.trials import (
    MAX_OF_A_TENANT,
    TrialLine,
    TrialOutcome,
    TrialRequest,
    UnsavedSourceError,
    UnsentMessage,
    answer_of,
    ask,
    take,
)
from scheduling.tests import make
from tenants.access import SYSTEM, Actor
from tenants.models import AuditEntry
from testing.actors import ANN

pytestmark = pytest.mark.django_db
DONE = TrialOutcome("success", result={"n": 1}, duration_ms=7, messages=[UnsentMessage("result", {"n": 1})])
OPERATOR = Actor("bob", 7, False, {"acme": "operator"})


def request(source: str = "result = 1", tenant: str | None = None, **columns: Any) -> TrialRequest:
    return TrialRequest(source, columns.pop("deps", ""), {"a": [1]}, 30, tenant, **columns)


@pytest.fixture
def trial_id() -> str:
    return ask(request(), ANN)


def lapse(redis: Redis, trial_id: str) -> None:
    """Let the time pass in which a worker has to come, or to say that it is still there."""
    redis.delete(f"platform:trial:{trial_id}:alive")


class TestAsking:
    def test_sends_a_message_to_script_workers_that_nobody_takes_too_late(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sent: list[tuple[Any, ...]] = []
        monkeypatch.setattr(current_app, "send_task", lambda *args, **options: sent.append((*args, options)))
        trial_id = ask(request(), ANN)
        options = {"queue": SCRIPT.queue, "expires": trials.TAKE_SECONDS, "retry": False}
        assert sent == [(trials.TASK, (trial_id,), options)]

    def test_is_audited_with_a_hash_of_the_source_in_its_place(self) -> None:
        make.tenant("acme")
        ask(request("# nobody else has this", "acme"), ANN, "nightly report")
        ask(request("# nobody else has this", "acme", deps="tiny"), ANN)
        one, other = AuditEntry.objects.filter(action="test_script").order_by("pk")
        assert (one.username, one.tenant_id, one.object_name) == ("ann", "acme", "nightly report")
        assert "nobody else" not in str([one.changes, other.changes])
        assert one.changes != other.changes

    def test_what_nobody_takes_leaves_redis_by_itself(self, redis: Redis) -> None:
        ask(request("#" + "x" * 100_000), ANN)
        large = [key for key in redis.keys("platform:trial:*") if (redis.memory_usage(key) or 0) > 50_000]
        assert [0 < redis.ttl(key) <= 2 * trials.TAKE_SECONDS for key in large] == [True]

    def test_everything_about_it_goes_after_an_hour(self, redis: Redis, trial_id: str) -> None:
        trials.add_lines(trial_id, [TrialLine(1, "2026-11-20T08:00:00+00:00", "stdout", "hi")])
        trials.end(trial_id, DONE)
        lifetimes = [redis.ttl(key) for key in redis.keys("platform:trial*")]
        assert len(lifetimes) > 3
        assert all(0 < seconds <= trials.KEPT_SECONDS for seconds in lifetimes)

    def test_a_tenant_has_few_at_once_and_others_have_their_own(self) -> None:
        make.tenant("acme")
        first, *_ = [ask(request(tenant="acme"), ANN) for _ in range(MAX_OF_A_TENANT)]
        with pytest.raises(NoPlaceError):
            ask(request(tenant="acme"), ANN)
        ask(request(), ANN)
        trials.end(first, DONE)
        ask(request(tenant="acme"), ANN)

    def test_one_that_nobody_took_holds_no_place(self, redis: Redis) -> None:
        for trial_id in [ask(request(), ANN) for _ in range(MAX_OF_A_TENANT)]:
            lapse(redis, trial_id)
        ask(request(), ANN)

    def test_a_refused_one_is_neither_audited_nor_kept(self, redis: Redis) -> None:
        for _ in range(MAX_OF_A_TENANT):
            ask(request(), ANN)
        before = len(redis.keys("*")), AuditEntry.objects.count()
        with pytest.raises(NoPlaceError):
            ask(request(), ANN)
        assert (len(redis.keys("*")), AuditEntry.objects.count()) == before


class TestWhoMayAsk:
    SAVED = {"script_content": "result = 1", "script_deps": "tiny"}

    def test_an_operator_tests_what_a_task_of_the_tenant_has_saved(self) -> None:
        make.task(tenant=make.tenant("acme"), **self.SAVED)
        assert ask(request(tenant="acme", deps="tiny"), OPERATOR)

    @pytest.mark.parametrize(
        ("source", "deps"), [("RESULT = 1", "tiny"), ("result = 2", "tiny"), ("result = 1", "other")]
    )
    def test_an_operator_tests_nothing_that_differs_from_it(self, source: str, deps: str) -> None:
        make.task(tenant=make.tenant("acme"), **self.SAVED)
        with pytest.raises(UnsavedSourceError):
            ask(request(source, "acme", deps=deps), OPERATOR)
        assert not AuditEntry.objects.filter(action="test_script").exists()

    @pytest.mark.parametrize(("owner", "asked"), [("other", "acme"), (None, "acme"), ("acme", None)])
    def test_the_source_of_another_tenant_or_of_nobody_is_not_saved_here(
        self, owner: str | None, asked: str | None
    ) -> None:
        make.tenant("acme")
        make.task(tenant=make.tenant(owner) if owner else None, **self.SAVED)
        with pytest.raises(UnsavedSourceError):
            ask(request(tenant=asked, deps="tiny"), OPERATOR)

    def test_a_task_that_is_no_script_any_more_has_saved_none(self) -> None:
        make.task(
            tenant=make.tenant("acme"), execution_type="webhook", webhook_url="http://a.b", **self.SAVED
        )
        with pytest.raises(UnsavedSourceError):
            ask(request(tenant="acme", deps="tiny"), OPERATOR)


class TestTaking:
    def test_is_for_one_worker_and_takes_the_text_out_of_redis(self, redis: Redis) -> None:
        trial_id = ask(request("# nobody else has this"), ANN)
        assert take(trial_id) == request("# nobody else has this")
        assert take(trial_id) is None
        assert not redis.exists(f"platform:trial:{trial_id}:asked")

    def test_an_unknown_one_or_one_whose_time_is_over_is_nobodys(self, redis: Redis, trial_id: str) -> None:
        lapse(redis, trial_id)
        assert answer_of(trial_id)
        assert [take(trial_id), take("unknown")] == [None, None]

    def test_keeps_it_alive_until_the_worker_says_for_how_long(self, redis: Redis, trial_id: str) -> None:
        redis.expire(f"platform:trial:{trial_id}:alive", 1)
        take(trial_id)
        assert 1 < redis.ttl(f"platform:trial:{trial_id}:alive") <= trials.TAKE_SECONDS
        trials.stay_alive(trial_id, 3600.4)
        assert 3500 < redis.ttl(f"platform:trial:{trial_id}:alive") <= 3600


class TestTheAnswer:
    def test_is_none_until_there_is_one_and_comes_back_as_it_was_given(self, trial_id: str) -> None:
        assert answer_of(trial_id) is None
        take(trial_id)
        assert answer_of(trial_id) is None
        trials.end(trial_id, DONE)
        assert answer_of(trial_id) == DONE

    def test_that_was_first_stays(self, trial_id: str) -> None:
        trials.end(trial_id, DONE)
        trials.end(trial_id, TrialOutcome("failed", error="late"))
        assert answer_of(trial_id) == DONE

    def test_where_no_worker_came_says_so(self, redis: Redis, trial_id: str) -> None:
        lapse(redis, trial_id)
        answer = answer_of(trial_id)
        assert answer
        assert (answer.status, answer.error_code) == ("failed", "no_worker")
        assert str(trials.TAKE_SECONDS) in answer.error

    def test_where_the_worker_died_says_so(self, redis: Redis, trial_id: str) -> None:
        take(trial_id)
        lapse(redis, trial_id)
        answer = answer_of(trial_id)
        assert answer
        assert (answer.status, answer.error_code) == ("failed", "worker_lost")

    def test_wakes_who_waits_for_it(self, trial_id: str) -> None:
        found: list[TrialOutcome] = []
        waiting = threading.Thread(target=lambda: found.append(trials.wait(trial_id)))
        waiting.start()
        trials.end(trial_id, DONE)
        waiting.join()
        assert found == [DONE]
        assert trials.wait(trial_id) == DONE

    def test_of_a_trial_in_vain_is_waited_for_no_longer_than_it_lives(
        self, redis: Redis, trial_id: str
    ) -> None:
        lapse(redis, trial_id)
        assert trials.wait(trial_id).error_code == "no_worker"


def test_lines_are_read_in_order_from_where_the_reader_is() -> None:
    lines = [TrialLine(n, "2026-11-20T08:00:00+00:00", "stdout", f"line {n}") for n in (1, 2, 3)]
    trials.add_lines("1", lines[:2])
    trials.add_lines("1", lines[2:])
    assert trials.lines_after("1") == lines
    assert trials.lines_after("1", after=1) == lines[1:]
    assert trials.lines_after("1", after=1, limit=1) == lines[1:2]
    assert trials.lines_after("2") == []


class TestCanceling:
    def test_one_that_waits_ends_it_and_no_worker_gets_it(self, trial_id: str) -> None:
        trials.cancel(trial_id, ANN)
        answer = answer_of(trial_id)
        assert answer
        assert (answer.status, answer.error_code) == ("canceled", "canceled")
        assert take(trial_id) is None

    def test_one_that_runs_asks_its_worker_and_leaves_the_answer_to_it(self, trial_id: str) -> None:
        take(trial_id)
        assert not trials.is_canceled(trial_id)
        trials.cancel(trial_id, ANN)
        assert trials.is_canceled(trial_id)
        assert answer_of(trial_id) is None

    def test_one_that_has_ended_changes_nothing_and_is_not_audited(self, trial_id: str) -> None:
        trials.end(trial_id, DONE)
        trials.cancel(trial_id, ANN)
        assert (answer_of(trial_id), trials.is_canceled(trial_id)) == (DONE, False)
        assert not AuditEntry.objects.filter(action="cancel_test").exists()

    def test_is_audited_in_the_trials_tenant(self) -> None:
        make.tenant("acme")
        trials.cancel(ask(request(tenant="acme"), SYSTEM), ANN)
        entry = AuditEntry.objects.get(action="cancel_test")
        assert (entry.username, entry.tenant_id) == ("ann", "acme")

    def test_one_that_is_not_there_is_an_error(self) -> None:
        with pytest.raises(KeyError):
            trials.cancel("unknown", ANN)


@pytest.mark.parametrize("code", ["acme", None])
def test_a_trial_knows_its_tenant(code: str | None) -> None:
    if code:
        make.tenant(code)
    assert trials.tenant_of(ask(request(tenant=code), ANN)) == code


def test_a_trial_that_is_forgotten_has_none() -> None:
    with pytest.raises(KeyError):
        trials.tenant_of("unknown")


def test_a_person_waits_no_longer_for_a_trial_than_redis_keeps_it() -> None:
    assert timedelta(seconds=trials.MAX_SECONDS) < timedelta(seconds=trials.KEPT_SECONDS)
