"""A long history of ended runs, written by the database itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import connection

from bench import tasks
from scheduling.models import Run, RunStatus, ScheduledTask, Trigger
from scheduling.tests import history

AT_ONCE = 250_000
RUNS_A_MINUTE = 40  # so that five million runs are 87 days
CODES = ("http_status", "timeout", "connect_error", "worker_lost")
PATIENT = {
    "read_timeout": 1800,
    "write_timeout": 1800,
}  # an index of five million rows takes longer than a request


def fill(count: int, task_count: int, until: datetime) -> None:
    """Insert `count` ended runs up to the time `until`, of `task_count` tasks in turn; a twentieth have failed."""
    first_task = ScheduledTask.objects.order_by("pk").values_list("pk", flat=True)[0]
    since = until.replace(microsecond=0) - timedelta(minutes=count / RUNS_A_MINUTE)
    run = Run(task_version=1, execution_type="script", trigger=Trigger.SCHEDULE, attempt=1, duration_ms=40)
    run.output = "Fetched 128 rows"
    with _indexes_made_afterwards():
        for first in range(0, count, AT_ONCE):
            columns = _columns(f"(n + {first})", first_task, task_count, since)
            history.copies(run, min(AT_ONCE, count - first), columns)
    history.analyze(Run._meta.db_table)


def _columns(number: str, first_task: int, task_count: int, since: datetime) -> dict[str, str]:
    task = f"{number} MOD {task_count}"
    failed = f"{number} MOD 20 = 0"
    codes = ", ".join(f"'{code}'" for code in CODES)
    at = history.seconds_after(since, f"{number} * 60 DIV {RUNS_A_MINUTE}")
    return {
        "task_id": f"{first_task} + {task}",
        "tenant_id": f"CONCAT('t', {task} MOD {tasks.TENANTS})",
        "task_name": f"CONCAT('task ', {task})",
        "trace_id": f"LPAD(HEX({number}), 32, '0')",
        "status": f"IF({failed}, '{RunStatus.FAILED}', '{RunStatus.SUCCESS}')",
        "error_code": f"IF({failed}, ELT({number} DIV 20 MOD {len(CODES)} + 1, {codes}), '')",
        "error": f"IF({failed}, 'The server answered with an error.', '')",
        **dict.fromkeys(("due_at", "fire_at", "not_before", "started_at", "first_started_at"), at),
        **dict.fromkeys(("finished_at", "created_at"), at),
    }


@contextmanager
def _indexes_made_afterwards() -> Iterator[None]:
    """Drop the indexes, and create them at the end: minutes instead of half an hour.

    Each index is then sorted once, instead of changed on a random page for each row.
    """
    with connection.schema_editor() as editor:
        for index in Run._meta.indexes:
            editor.remove_index(Run, index)
        for constraint in Run._meta.constraints:
            editor.remove_constraint(Run, constraint)
    yield
    with connection.schema_editor() as editor:
        for index in Run._meta.indexes:
            editor.add_index(Run, index)
        for constraint in Run._meta.constraints:
            editor.add_constraint(Run, constraint)
