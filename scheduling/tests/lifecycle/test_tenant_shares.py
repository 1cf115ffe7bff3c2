"""One tenant's runs never hold all slots of a queue while another tenant may need one."""

from __future__ import annotations

import pytest

from common import process_registry
from scheduling.lifecycle import tenant_shares
from scheduling.models import Run, RunStatus, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import NOW, release
from scheduling.worker.claim import claim
from testing.callers import tenant

pytestmark = pytest.mark.django_db


def slots(count: int) -> None:
    process_registry.announce(process_registry.ProcessEntry("worker", "w", ["io"], count))


def task_of(code: str | None) -> ScheduledTask:
    owner = None if code is None else tenant(code)
    return make.task(
        tenant=owner, execution_type="webhook", webhook_url="http://127.0.0.1/", overlap_policy="allow"
    )


def published() -> int:
    return Run.objects.exclude(published_at=None).filter(status=RunStatus.QUEUED).count()


@pytest.mark.parametrize(("count", "max_running"), [(1, 1), (2, 1), (4, 3), (8, 7), (16, 14), (200, 175)])
def test_an_eighth_of_the_slots_is_kept_free_one_at_least(count: int, max_running: int) -> None:
    assert tenant_shares.max_of_one(count) == max_running


@pytest.mark.parametrize("code", ["acme", None])
def test_who_is_alone_has_all_slots_and_what_is_put_ahead(code: str | None) -> None:
    slots(2)
    many = task_of(code)
    for _ in range(10):
        make.run(many)
    assert release(NOW) == 8


@pytest.mark.parametrize(("many", "one"), [("acme", "globex"), ("acme", None), (None, "acme")])
def test_while_there_are_others_a_slot_stays_free_for_them(many: str | None, one: str | None) -> None:
    slots(4)
    long, other = task_of(many), task_of(one)
    for _ in range(10):
        make.run(long)
    assert release(NOW) == 3
    webhook = make.run(other)
    assert release(NOW) == 1
    webhook.refresh_from_db()
    assert webhook.published_at is not None


@pytest.mark.parametrize("code", ["acme", None])
def test_what_two_beats_have_published_side_by_side_does_not_begin_beyond_the_share(code: str | None) -> None:
    slots(4)
    many = task_of(code)
    task_of("globex")
    runs = [make.run(many, published_at=NOW) for _ in range(6)]
    assert [claim(run.trace_id, "w", NOW) is not None for run in runs] == [True] * 3 + [False] * 3
    assert published() == 0, "who may not begin waits in the database again"


def test_another_queue_is_no_part_of_the_share() -> None:
    process_registry.announce(process_registry.ProcessEntry("worker", "w", ["io", "script"], 2))
    hook, script = task_of("acme"), make.task(tenant=tenant("acme"), overlap_policy="allow")
    task_of("globex")
    for task in (hook, script):
        for _ in range(3):
            make.run(task)
    assert release(NOW) == 2
