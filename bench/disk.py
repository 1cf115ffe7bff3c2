"""The disk space that a run takes, and the cost of deleting old runs: what a month's load needs and gives back."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bench import platform
from bench.processes import Processes
from bench.row import Row
from scheduling.beat.prune import Pruned, prune
from scheduling.models import Run, RunLine

TINY = {"runs": 4}
LINES, LINE = 20, 80  # lines of a run's log, and characters of a line
SCRIPT = (
    f"for n in range({LINES}):\n    print(str(n).ljust({LINE}, '.'))\nresult = {{'rows': 128, 'total': 4711}}"
)
TASKS = 200
OLD = timedelta(days=400)


def measure(runs: int = 20_000) -> list[Row]:
    """Measure the space that runs take and give back; `--log-bin` in MARIADB_OPTIONS adds that of the binary log."""
    with Processes() as processes:
        platform.start(processes, settings.SCRIPT_SLOTS)
        tasks = platform.tasks(min(TASKS, runs), SCRIPT)
        before = _bytes()
        platform.complete(platform.waiting(tasks, runs))
        written = {name: size - before[name] for name, size in _bytes().items()}
        Run.objects.update(created_at=timezone.now() - OLD, finished_at=timezone.now() - OLD)
        began = time.monotonic()
        gone = sum(prune(timezone.now(), 90), Pruned())
        took = time.monotonic() - began
        full = _bytes()
        platform.complete(platform.waiting(tasks, runs))
        grown = sum(size - full[name] for name, size in _bytes().items() if name != "binary log")
    per_run = {name: round(size / runs) for name, size in written.items()}
    tables = sum(size for name, size in per_run.items() if name != "binary log")
    what = f"run with {LINES} lines of {LINE} characters"
    return [
        Row(f"disk a {what}", tables / 1024, "KiB", details=per_run | {"runs": runs}),
        Row(
            "old runs deleted, a second",
            gone.runs / took,
            "/s",
            more_is_better=True,
            details={"runs": gone.runs},
        ),
        Row(f"disk a {what}, in the room of deleted ones", max(0, grown) / runs / 1024, "KiB"),
    ]


def _bytes() -> dict[str, int]:
    """Return the file sizes of the tables that grow with runs, indexes included, and of the binary log if it is on."""
    tables = [Run._meta.db_table, RunLine._meta.db_table]
    is_mariadb = getattr(connection, "mysql_is_mariadb", False)
    sizes = "INNODB_SYS_TABLESPACES" if is_mariadb else "INNODB_TABLESPACES"
    file_size = f"SELECT FILE_SIZE FROM information_schema.{sizes} WHERE NAME = %s"
    with connection.cursor() as cursor:
        found = {
            table: _one(cursor, file_size, f"{connection.settings_dict['NAME']}/{table}") for table in tables
        }
        if _one(cursor, "SELECT @@log_bin"):
            cursor.execute("SHOW BINARY LOGS")
            found["binary log"] = sum(row[1] for row in cursor.fetchall())
    return found


def _one(cursor: Any, sql: str, *params: str) -> int:
    cursor.execute(sql, params)
    return int(cursor.fetchone()[0])
