"""Takes over an old database, for both of its importers: its rows one by one, its log in chunks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

from platform_site.importing.old_database import OldDatabase
from platform_site.importing.old_row import OldRow
from platform_site.importing.row_pass import RowPass
from scheduling.acts import imported_runs
from scheduling.models import RunStatus, ScheduledTask

STATUSES = {"success": RunStatus.SUCCESS, "failed": RunStatus.FAILED, "error": RunStatus.FAILED}
OPEN_STATUSES = ("", "running")
NOT_FOR_TRACE_IDS = re.compile(r"[^\w:-]+", re.ASCII)
UNENDED_NOTE = (
    "The run had not ended in the old system and is shown here as failed. Import again after "
    "it has ended there to update it."
)


class ImportPass(RowPass):
    """One pass over an old database."""

    def __init__(self, old: OldDatabase, now: datetime, *, switch_on: bool) -> None:
        super().__init__(old.key, now, switch_on=switch_on)
        self.old = old

    def has_ids(self, what: str, table: str) -> bool:
        """Return whether the table's rows can be told from one another; if not, the report says why."""
        columns = self.old.tables.get(table)
        if columns is None:
            self.report.leave(what, f"The table {table} does not exist.")
        elif "id" not in columns:
            self.report.leave(what, f"The table {table} has no column id.")
        return "id" in (columns or ())

    def trace_id(self, row: OldRow, trace: str = "") -> str:
        """Return a trace id that no other row has; it begins with what the old system called the run."""
        own = sha256(f"{self.old.key}.{row.table}.{row.id}".encode()).hexdigest()[:20]
        return f"{NOT_FOR_TRACE_IDS.sub('-', trace)[:60]}.{row.table}.{own}".lstrip(".")

    def runs(
        self,
        task: ScheduledTask,
        old_rows: Sequence[OldRow],
        read: Callable[[OldRow], imported_runs.ImportedRun],
    ) -> None:
        """Take over a chunk of the log at once and, where that fails, row by row."""
        runs: dict[int, imported_runs.ImportedRun] = {}
        for number, row in enumerate(old_rows):
            self.by_itself("runs", row, partial(_read_into, runs, number, read, row), writes=False)
        if self.attempt(old_rows[0], partial(self._add, task, list(runs.values()))):
            for number, run in runs.items():
                self.by_itself("runs", old_rows[number], partial(self._add, task, [run]))
        for number, run in runs.items():
            if run.status is None:
                self.report.note(UNENDED_NOTE, old_rows[number].table, old_rows[number].id)

    def _add(self, task: ScheduledTask, runs: Sequence[imported_runs.ImportedRun]) -> None:
        taken = imported_runs.add(task, runs, self.old.name)
        self.report.taken["runs"] += taken
        self.report.here["runs"] += len(runs) - taken


def _read_into(
    runs: dict[int, imported_runs.ImportedRun],
    number: int,
    read: Callable[[OldRow], imported_runs.ImportedRun],
    row: OldRow,
) -> None:
    runs[number] = read(row)


def status_columns(row: OldRow, error: str) -> dict[str, Any]:
    """Return the columns of a past run that say how it ended."""
    old_status = row.text("status").strip()
    status = (
        None if old_status.lower() in OPEN_STATUSES else STATUSES.get(old_status.lower(), RunStatus.FAILED)
    )
    if old_status.lower() not in (*OPEN_STATUSES, *STATUSES):
        error = error or f"The status in the old system was “{old_status}”."
    return {"status": status, "error": error}
