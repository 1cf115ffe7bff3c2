"""A tenant's limits are held where its runs begin: exactly, and at no cost where they are far away."""

from __future__ import annotations

from typing import Any

import pytest
import redis
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import process_registry
from scheduling.lifecycle.tenant_limit import MARGIN, has_room, needs_lock
from scheduling.lifecycle.tenant_shares import SHARES
from scheduling.models import Run
from scheduling.tests import make
from scheduling.tests.make import NOW, release
from scheduling.worker.claim import claim
from tenants.models import Tenant

pytestmark = pytest.mark.django_db
HOOK = {"execution_type": "webhook", "webhook_url": "http://127.0.0.1/"}


def slots(count: int, *queues: str) -> None:
    process_registry.announce(process_registry.ProcessEntry("worker", "w", list(queues or ["script"]), count))


def run(code: str | None = "acme", max_running: int | None = None, **columns: Any) -> Run:
    owner = make.tenant(code, max_running=max_running) if code else None
    return make.run(make.task(tenant=owner, overlap_policy="allow", **columns))


def running(count: int, code: str | None = "acme", **columns: Any) -> None:
    task = run(code, **columns).task
    for _ in range(count):
        make.run(task, status="running")


class TestItsOwnMaxRunning:
    def test_always_needs_the_lock_because_it_is_kept_exactly(self) -> None:
        assert needs_lock(run(max_running=10_000))

    def test_leaves_room_up_to_it_and_not_beyond(self) -> None:
        late = run(max_running=2)
        running(1)
        assert has_room(late)
        running(1)
        assert not has_room(late)

    def test_nought_lets_nothing_begin(self) -> None:
        assert not has_room(run(max_running=0))

    def test_counts_only_what_runs_and_is_its_own(self) -> None:
        late = run(max_running=1)
        running(3, "other"), running(3, None)
        make.run(late.task, published_at=NOW), make.run(late.task, status="success")
        assert has_room(late)

    def test_counts_runs_of_every_kind(self) -> None:
        late = run(max_running=1)
        running(1, **HOOK)
        assert not has_room(late)


class TestThePlatformsLimit:
    @pytest.mark.parametrize(("own", "max_running"), [(None, 2), (3, 3), (1, 1)])
    def test_holds_where_the_tenants_row_says_nothing(
        self, settings: Any, own: int | None, max_running: int
    ) -> None:
        settings.TENANT_MAX_RUNNING = 2
        task = make.task(overlap_policy="allow", tenant=make.tenant("acme", max_running=own))
        runs = [make.run(task) for _ in range(5)]
        assert release(NOW) == max_running
        # Two beats may have sent more.
        claims = [claim(run.trace_id, "w", NOW) for run in runs]
        assert sum(found is not None for found in claims) == max_running

    def test_is_no_limit_of_global_tasks(self, settings: Any) -> None:
        settings.TENANT_MAX_RUNNING = 1
        task = make.task(overlap_policy="allow", tenant=None)
        runs = [make.run(task) for _ in range(3)]
        assert release(NOW) == 3
        assert all(claim(run.trace_id, "w", NOW) for run in runs)

    def test_costs_nothing_where_the_slots_are_fewer(self) -> None:
        one = run()
        needs_lock(one)  # what is known of slots and tenants is kept for seconds
        with CaptureQueriesContext(connection) as asked:
            assert not needs_lock(one)
        assert len(asked) == 0

    @pytest.mark.parametrize(("there", "is_near"), [(4, False), (5, True)])
    def test_needs_the_lock_when_claims_at_once_could_pass_it(
        self, settings: Any, there: int, is_near: bool
    ) -> None:
        slots(1000)
        settings.TENANT_MAX_RUNNING = MARGIN + 4
        running(there)
        assert needs_lock(run()) is is_near

    def test_below_the_margin_needs_no_count_to_need_the_lock(self, settings: Any) -> None:
        slots(1000)
        settings.TENANT_MAX_RUNNING = MARGIN - 1
        one = run()
        needs_lock(one)
        with CaptureQueriesContext(connection) as asked:
            assert needs_lock(one)
        assert len(asked) == 0


class TestTheShareOfAQueue:
    def test_leaves_room_up_to_it_while_there_are_others(self) -> None:
        slots(4)
        late, _ = run(), run("other")
        running(2)
        assert has_room(late)
        running(1)
        assert not has_room(late)
        assert needs_lock(late)

    def test_holds_for_global_tasks_too(self) -> None:
        slots(4)
        late, _ = run(None), run("other")
        running(3, None)
        assert not has_room(late)

    def test_is_none_where_nobody_else_is(self) -> None:
        slots(4)
        running(9)
        assert has_room(run())

    def test_counts_what_runs_on_that_queue_only(self) -> None:
        slots(4, "script", "io")
        script, hook, _ = run(), run(**HOOK), run("other")
        running(3)
        assert (has_room(script), has_room(hook)) == (False, True)


def test_without_redis_the_rows_own_limit_holds_and_the_share_is_left_to_beat(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def away(*_: object) -> int:
        raise redis.ConnectionError("away")

    monkeypatch.setattr(type(SHARES), "slots", away)
    monkeypatch.setattr(type(SHARES), "max_of_tenant", away)
    settings.TENANT_MAX_RUNNING = 1
    late, _ = run(), run("other")
    running(1)
    assert needs_lock(late)
    assert not has_room(late)
    assert has_room(run(None))


def test_the_limit_is_read_again_with_the_lock() -> None:
    """The claim's row was read without it: an administrator may have changed the number since."""
    late = run(max_running=1)
    running(1)
    assert late.tenant is not None  # it is read here
    Tenant.objects.update(max_running=2)
    assert late.tenant.max_running == 1
    assert has_room(late)


def test_the_tenants_row_is_locked_until_the_claim_is_committed() -> None:
    late = run(max_running=1)
    with CaptureQueriesContext(connection) as asked:
        has_room(late)
    first = asked.captured_queries[0]["sql"]
    assert Tenant._meta.db_table in first
    assert ("FOR UPDATE" in first) is connection.features.has_select_for_update
