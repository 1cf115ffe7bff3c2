"""Work that is due each second, and the verdict of tests/faults on what became of it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from testing.patience import eventually
from tests.deploy.engine.stack import Stack
from tests.deploy.journeys.work import make_task
from tests.faults.outside import DUE, Outside
from tests.faults.rules import KINDS, STAMP, key_of
from tests.faults.tasks import SCRIPT
from tests.faults.verdict import Demand, Evidence, Row, Struck, violations

EACH_SECOND = {
    "schedule_type": "cron",
    "cron_expression": "* * * * * *",
    "overlap_policy": "allow",
    "misfire_policy": "fire_all",
    "window_time_format": STAMP,
}
PATIENCE_SECONDS = 900  # for what has queued up meanwhile
ROWS = """
from json import dumps
from scheduling.models import Run
runs = Run.objects.filter(task_id__in={tasks}, due_at__isnull=False)
columns = "task_id", "due_at", "status", "error_code", "lost_count"
print(dumps([[str(value) for value in row] for row in runs.values_list(*columns)]))
"""


class Load:
    """Use it in a with block: inside, a task of each kind is due each second. `struck` are the faults meanwhile."""

    def __init__(self, stack: Stack, outside: Outside) -> None:
        self.stack, self.outside = stack, outside
        self.struck: list[Struck] = []

    def __enter__(self) -> Load:
        self.tasks = {self._make(number, kind): number for number, kind in enumerate(KINDS)}
        self.since = _now()
        eventually(lambda: {entry.end for entry in self.outside.ledger.entries} == set(KINDS))
        return self

    def __exit__(self, *_: object) -> None:
        for task in self.tasks:
            self.stack.call("PUT", f"/api/scheduled-tasks/{task}", {"is_enabled": False})

    @contextmanager
    def struck_by(self, fault: str) -> Iterator[None]:
        """A fault by its name in the verdict, from its beginning until all is well again."""
        begin = time.time()
        yield
        self.struck.append(Struck(fault, begin, time.time()))

    def violations(self) -> list[str]:
        """Of what was due until now, once it has ended: every due time has run once, whatever has struck."""
        until = _now()
        eventually(lambda: all(self._next(task) > until for task in self.tasks))
        eventually(lambda: not any(self._unfinished(task, until) for task in self.tasks), PATIENCE_SECONDS)
        seconds = range(int(self.since.timestamp()) + 1, int(until.timestamp()) + 1)
        demands = [
            Demand(key_of(number, datetime.fromtimestamp(second, UTC)), KINDS[number], due_at=float(second))
            for number in self.tasks.values()
            for second in seconds
        ]
        rows = [row for row in self._rows() if self._is_judged(row.key, until)]
        effects = self.outside.ledger.by_key()
        judged = {key: entries for key, entries in effects.items() if self._is_judged(key, until)}
        found = violations(Evidence(demands, judged, {}, rows, self.struck))
        if not self.struck:
            found += [f"{row.key}: {row.status}, and nothing has struck" for row in rows if _is_hurt(row)]
        return found

    def workers(self, after: datetime) -> set[str]:
        """Who has claimed runs that were due since then."""
        path = f"/api/task-logs?page_size=100&due_from={after:%Y-%m-%dT%H:%M:%SZ}"
        return {run["worker"] for run in self.stack.call("GET", path)["items"] if run["worker"]}

    def _make(self, number: int, kind: str) -> int:
        outside = self.outside
        params = {"key": f"due-{number}-{DUE}"}
        addresses = {
            "script": {"script_content": SCRIPT},
            "webhook": {"webhook_url": self.stack.outside(outside.hook.url)},
            "dify": {"dify_url": self.stack.outside(outside.dify.url), "dify_api_key": "app-load"},
        }
        if kind == "script":
            params["site"] = self.stack.outside(outside.site.url)
        columns = {"task_name": f"each second {kind}", "execution_type": kind, "input_params": params}
        return make_task(self.stack, **columns, **addresses[kind], **EACH_SECOND)

    def _next(self, task: int) -> datetime:
        return datetime.fromisoformat(self.stack.call("GET", f"/api/scheduled-tasks/{task}")["next_run_at"])

    def _unfinished(self, task: int, until: datetime) -> bool:
        path = f"/api/task-logs?task_id={task}&due_to={until:%Y-%m-%dT%H:%M:%S}.5Z&status="
        return any(self.stack.call("GET", path + status)["items"] for status in ("queued", "running"))

    def _rows(self) -> list[Row]:
        output = self.stack.manage("shell", "-c", ROWS.format(tasks=list(self.tasks)))
        return [
            Row(key_of(self.tasks[int(task)], datetime.fromisoformat(due)), status, code, int(lost))
            for task, due, status, code, lost in json.loads(output.splitlines()[-1])
        ]

    def _is_judged(self, key: str, until: datetime) -> bool:
        """By its second: what was due before all tasks stood, or while we look, may have run or not."""
        return f"{self.since:{STAMP}}" < key.rpartition("-")[2] <= f"{until:{STAMP}}"


def _is_hurt(row: Row) -> bool:
    return row.status != "success" or row.lost_count > 0


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)
