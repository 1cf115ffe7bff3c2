"""Takes over old rows, for both importers: each by itself and once, with what is wrong with it in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Model

from common.database_errors import is_database_away
from common.http import HttpError
from common.http.addresses import is_permitted
from common.http.urls import parse_target
from platform_site.importing.old_database import OldDatabase
from platform_site.importing.old_row import OldRow, UnusableValueError
from platform_site.importing.origins import Origins
from platform_site.importing.report import Report
from scheduling.acts import imported_runs, tasks
from scheduling.acts.task_rules import InvalidTaskError
from scheduling.models import RunStatus, ScheduledTask
from tenants import rows
from tenants.access import SYSTEM

# Errors that an old row's values can lead to; any other is a fault of ours.
REFUSALS = (
    UnusableValueError, InvalidTaskError, ValidationError, rows.AlreadyTakenError, tasks.TenantFullError, ValueError,
    OverflowError, DatabaseError,
)  # fmt: skip
STATUSES = {"success": RunStatus.SUCCESS, "failed": RunStatus.FAILED, "error": RunStatus.FAILED}
OPEN_STATUSES = ("", "running")
NOT_FOR_TRACE_IDS = re.compile(r"[^\w:-]+", re.ASCII)
INSIDE_NAMES = (".local", ".localhost", ".internal", ".intranet", ".lan", ".home", ".corp")
PRIVATE_NOTE = (
    "{column}: {host} is a private address. Calls to it are refused until the operator "
    "allows it with OUTBOUND_ALLOWED_NETWORKS."
)
INSIDE_NOTE = (
    "{column}: {host} looks like the name of a host in a private network. If its address is "
    "private, calls to it are refused until the operator allows it with "
    "OUTBOUND_ALLOWED_NETWORKS."
)
UNENDED_NOTE = (
    "The run had not ended in the old system and is shown here as failed. Import again after "
    "it has ended there to update it."
)


class ImportPass:
    """One pass over an old database; rows that an earlier pass has made stay as they are."""

    def __init__(self, old: OldDatabase, now: datetime, *, switch_on: bool) -> None:
        self.old, self.now, self.switch_on = old, now, switch_on
        self.origins, self.report = Origins(old.key), Report()
        self._notes: list[str] = []

    def has_ids(self, what: str, table: str) -> bool:
        """Return whether the table's rows can be told from one another; if not, the report says why."""
        columns = self.old.tables.get(table)
        if columns is None:
            self.report.leave(what, f"The table {table} does not exist.")
        elif "id" not in columns:
            self.report.leave(what, f"The table {table} has no column id.")
        return "id" in (columns or ())

    def one(self, what: str, row: OldRow, make: Callable[[OldRow], Model]) -> None:
        """Take the row over by `make`, or leave it and report why."""
        if self.is_here(row):
            self.report.here[what] += 1
        elif self.by_itself(what, row, lambda: self._make(row, make)):
            self.report.taken[what] += 1

    def is_here(self, row: OldRow) -> bool:
        return self.origins.id_of(row.table, row.id) is not None

    def by_itself(self, what: str, row: OldRow, act: Callable[[], object], *, writes: bool = True) -> bool:
        """Run the act for one row and return whether it went well; if not, the report says why."""
        self._notes = []
        if why := self.attempt(row, act, writes=writes):
            self.report.leave_row(what, row.table, row.id, why)
            return False
        for text in self._notes:
            self.report.note(text, row.table, row.id)
        return True

    def attempt(self, row: OldRow, act: Callable[[], object], *, writes: bool = True) -> str:
        """Run the act and return "", or why it failed: then it is rolled back.

        An error that says that the database is away is raised. `writes` is whether the act needs a transaction.
        """
        try:
            with transaction.atomic() if writes else nullcontext():
                act()
        except REFUSALS as error:
            if is_database_away(error):
                raise
            return _reason_text(error, row)
        return ""

    def _make(self, row: OldRow, make: Callable[[OldRow], Model]) -> None:
        new_row = make(row)
        self.keep_created(new_row, row)
        self.origins.remember(new_row, row.table, row.id)

    def create(self, row: Model) -> Model:
        return rows.create(row, SYSTEM)

    def keep_created(self, new_row: Model, row: OldRow) -> None:
        created = row.moment("created_at")
        if created and any(column.name == "created_at" for column in new_row._meta.concrete_fields):
            type(new_row)._default_manager.filter(pk=new_row.pk).update(created_at=created)

    def trace_id(self, row: OldRow, trace: str = "") -> str:
        """Return a trace id that no other row has; it begins with what the old system called the run."""
        own = sha256(f"{self.old.key}.{row.table}.{row.id}".encode()).hexdigest()[:20]
        return f"{NOT_FOR_TRACE_IDS.sub('-', trace)[:60]}.{row.table}.{own}".lstrip(".")

    def note(self, text: str) -> None:
        """Note something about the row at hand; it is reported if the row is taken."""
        self._notes.append(text)

    def note_private(self, row: OldRow, column: str, url: str) -> None:
        """Note of an address within the company's network that the operator must open it."""
        with suppress(HttpError):
            target = parse_target(url)
            if target.literal is None:
                text = INSIDE_NOTE if "." not in target.host or target.host.endswith(INSIDE_NAMES) else ""
            else:
                text = (
                    "" if is_permitted(target.literal, settings.OUTBOUND_ALLOWED_NETWORKS) else PRIVATE_NOTE
                )
            if text:
                self.note(text.format(column=row.old_name(column), host=target.host))

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


def _reason_text(error: Exception, row: OldRow) -> str:
    if isinstance(error, InvalidTaskError):
        return "; ".join(f"{row.old_name(problem.field)}: {problem.message}" for problem in error.problems)
    if isinstance(error, ValidationError):
        if hasattr(error, "error_dict"):
            of_columns = error.message_dict.items()
            return "; ".join(f"{row.old_name(column)}: {' '.join(texts)}" for column, texts in of_columns)
        return " ".join(error.messages)
    if isinstance(error, rows.AlreadyTakenError):
        return "Somebody has already created such an entry here."
    if isinstance(error, DatabaseError):
        return f"The database refused the row: {error.args[-1] if error.args else error}"
    return str(error)
