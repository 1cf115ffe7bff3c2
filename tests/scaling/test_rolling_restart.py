"""Beats and workers of all kinds as docker-compose.yml has them; all replaced, one by one, under load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from common import process_registry
from scheduling.models import UNFINISHED, Run, RunStatus, ScheduledTask, ScriptVar
from scheduling.tests import make
from testing.patience import eventually
from testing.servers.webhook import Webhook
from tests.scaling.roles import Roles

pytestmark = [
    pytest.mark.services,
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(3600),
    pytest.mark.xdist_group("database server"),
]
SCALE = {"beat": 2, "worker-io": 2, "worker-notify": 1, "worker-script": 4}
CHOSEN = {
    "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
    "SOFT_SHUTDOWN_SECONDS": "20",
    "SCRIPT_SLOTS": "1",
    "IO_SLOTS": "8",
}
# Each run leaves a mark outside of its own row: a second one would show.
SCRIPT = """
import time
name = f"ran-{trace_id}"
set_var(name, get_var(name, 0) + 1)
time.sleep(0.4)
result = "done"
"""


@pytest.fixture
def roles(tmp_path: Path) -> Iterator[Roles]:
    with Roles(tmp_path, CHOSEN) as running:
        yield running


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as server:
        yield server


def each_second(name: str, **columns: object) -> ScheduledTask:
    defaults = {"cron_expression": "* * * * * *", "overlap_policy": "allow", "misfire_policy": "fire_all"}
    return make.task(timezone.now(), task_name=name, **defaults | columns)


def serving() -> list[int]:
    """Living beats and workers by role."""
    workers = process_registry.living("worker")
    return [
        len(process_registry.living("beat")),
        *(sum(queue in worker.queues for worker in workers) for queue in ("io", "notify", "script")),
    ]


def ended(after: datetime) -> bool:
    """Has a run that came due since then ended well?"""
    return Run.objects.filter(due_at__gt=after, status=RunStatus.SUCCESS).exists()


def test_every_process_is_replaced_under_load_and_no_run_is_lost_or_done_twice(
    roles: Roles, webhook: Webhook
) -> None:
    running = [(role, roles.start(role)) for role, count in SCALE.items() for _ in range(count)]
    eventually(lambda: serving() == [2, 2, 1, 4])
    assert roles.alive() == 9
    tasks = [each_second(f"script {n}", script_content=SCRIPT) for n in range(2)]
    tasks += [each_second("hook", execution_type="webhook", webhook_url=webhook.url)]
    for role, process in running:
        roles.stop(role, process)
        replaced = timezone.now()
        roles.start(role)
        eventually(lambda at=replaced: ended(at))  # type: ignore[misc]
    eventually(lambda: serving() == [2, 2, 1, 4])

    until = timezone.now()
    eventually(lambda: not ScheduledTask.objects.filter(next_run_at__lte=until).exists())
    ScheduledTask.objects.update(is_enabled=False)
    eventually(lambda: not Run.objects.filter(due_at__lte=until, status__in=UNFINISHED).exists(), 900)
    for task in tasks:
        assert_each_second_ran_once(task, until)
    assert marks(tasks[:2], until) == {1}
    assert calls(webhook, tasks[2], until) == {1}


def assert_each_second_ran_once(task: ScheduledTask, until: datetime) -> None:
    runs = Run.objects.filter(task=task, due_at__lte=until).order_by("due_at")
    dues = list(runs.values_list("due_at", flat=True))
    assert len(dues) > 8
    assert dues[0] is not None
    assert dues == [dues[0] + timedelta(seconds=n) for n in range(len(dues))]
    assert dues[-1] == until.replace(microsecond=0)
    assert set(runs.values_list("status", "attempt", "error")) == {(RunStatus.SUCCESS, 1, "")}


def marks(tasks: list[ScheduledTask], until: datetime) -> set[object]:
    """How often each run of these scripts has run, by its own account."""
    rows = ScriptVar.objects.filter(var_key__startswith="ran-")
    found = dict(rows.values_list("var_key", "var_value"))
    traces = Run.objects.filter(task__in=tasks, due_at__lte=until).values_list("trace_id", flat=True)
    return {found.get(f"ran-{trace}") for trace in traces}


def calls(webhook: Webhook, task: ScheduledTask, until: datetime) -> set[int]:
    heard = Counter(call.headers["idempotency-key"] for call in webhook.calls)
    traces = Run.objects.filter(task=task, due_at__lte=until).values_list("trace_id", flat=True)
    return {heard[trace] for trace in traces}
