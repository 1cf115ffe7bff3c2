"""What people and programs look at, with 5 million runs: the REST API and the dashboard, through gunicorn."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User

from bench import tasks
from bench.processes import Processes
from bench.row import Row, summary
from platform_site.up.services import services
from scheduling.models import Run, RunStatus, ScheduledTask, Trigger
from scheduling.tests import history
from tenants import tokens
from tests.patience import eventually
from tests.ports import free_port

TINY = {"runs": 200, "enabled": 10, "asked": 3}
PATIENCE_SECONDS = 300
WARM = 3
RUNS_A_MINUTE = 40  # so that five million are 87 days
CODES = ("http_status", "timeout", "connect_error", "worker_lost")


def measure(runs: int = 5_000_000, enabled: int = 10_000, asked: int = 100) -> list[Row]:
    tasks.fill(enabled)
    now = datetime.now(UTC)
    _fill(runs, enabled, now)
    root = User.objects.create_superuser("root", password="only-for-benchmarks")
    headers = {"Authorization": f"Bearer {tokens.issue(root, 'bench')[1]}"}
    with Processes() as processes:
        port = free_port()
        processes.start(*_gunicorn(port))
        eventually(lambda: _answers(port), PATIENCE_SECONDS)
        return [
            _asked(port, headers, asked, f"{what}, {runs:,} runs", path, *marks)
            for what, (path, *marks) in _paths(now).items()
        ]


def _paths(now: datetime) -> dict[str, tuple[str, float | None, float | None]]:
    """Path, must, goal in ms."""
    yesterday = (now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    logs = "/api/task-logs"
    return {
        "run list": (logs, 50, 20),
        "run list, created since yesterday": (f"{logs}?created_from={yesterday}", None, None),
        "run list, of a tenant": (f"{logs}?tenant_id=t7", None, None),
        "run list, failed ones": (f"{logs}?status=failed", None, None),
        "run list, by error code": (f"{logs}?error_code=timeout", None, None),
        "run list, by a frequent word": (f"{logs}?search=task", None, None),
        "run list, by a word that is nowhere": (f"{logs}?search=nowhere", None, None),
        "task list": ("/api/scheduled-tasks", None, None),
        "statistics (what the dashboard asks)": ("/api/stats", None, None),
    }


def _fill(count: int, task_count: int, now: datetime) -> None:
    """Ended runs of all tasks until now."""
    first = ScheduledTask.objects.order_by("pk").values_list("pk", flat=True)[0]
    status = "CASE WHEN n % 20 = 0 THEN 'failed' WHEN n % 97 = 0 THEN 'skipped' ELSE 'success' END"
    began = history.seconds_after(now.replace(microsecond=0) - timedelta(minutes=count / RUNS_A_MINUTE), "{}")
    due = began.format(f"n * 60 DIV {RUNS_A_MINUTE}")
    codes = ", ".join(f"'{code}'" for code in CODES)
    run = Run(
        task_version=1, execution_type="script", trigger=Trigger.SCHEDULE, attempt=1, status=RunStatus.SUCCESS
    )
    run.duration_ms, run.output, run.not_before = 40, "Fetched 128 rows\nWrote the report", now
    columns = {
        "task_id": f"{first} + n % {task_count}",
        "tenant_id": f"CONCAT('t', n % {task_count} % {tasks.TENANTS})",
        "task_name": f"CONCAT('task ', n % {task_count})",
        "trace_id": "MD5(n)",
        "status": status,
        "error_code": f"CASE WHEN n % 20 = 0 THEN ELT(n DIV 20 % {len(CODES)} + 1, {codes}) ELSE '' END",
        "error": "CASE WHEN n % 20 = 0 THEN 'The server answered with an error.' ELSE '' END",
        **dict.fromkeys(("due_at", "fire_at", "not_before", "started_at", "first_started_at"), due),
        **dict.fromkeys(("finished_at", "created_at"), due),
    }
    history.copies(run, count, columns)
    history.analyze(Run._meta.db_table)


def _gunicorn(port: int) -> list[str]:
    """As `manage.py up` starts it."""
    return next(
        service.command for service in services("127.0.0.1", port, 0, 1, 1, "") if service.name == "web"
    )


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as asking, suppress(OSError):
        return _get(asking, "/healthz", {}) == 200
    return False


def _asked(
    port: int,
    headers: Mapping[str, str],
    times: int,
    what: str,
    path: str,
    must: float | None,
    goal: float | None,
) -> Row:
    """Milliseconds over one kept connection; the first ones warm caches and are not counted."""
    took = []
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as kept:
        for _ in range(WARM + times):
            began = time.monotonic()
            status = _get(kept, path, headers)
            took.append(1000 * (time.monotonic() - began))
            if status != 200:
                raise RuntimeError(f"{path} was answered with {status}")
    figures = summary(took[WARM:])
    return Row(f"{what}: p50", figures["p50"], "ms", must, goal, details={"path": path} | figures)


def _get(kept: http.client.HTTPConnection, path: str, headers: Mapping[str, str]) -> int:
    kept.request("GET", path, headers=dict(headers))
    answer = kept.getresponse()
    answer.read()
    return answer.status
