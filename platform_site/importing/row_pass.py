"""Takes over rows from elsewhere, for every importer: each by itself and once, with what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext, suppress
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import Model

from common.database_errors import is_database_away
from common.http import HttpError
from common.http.addresses import is_permitted
from common.http.urls import parse_target
from platform_site.importing.old_row import OldRow, UnusableValueError
from platform_site.importing.origins import Origins
from platform_site.importing.report import Report
from scheduling.acts import tasks
from scheduling.acts.task_rules import InvalidTaskError
from tenants import rows
from tenants.access import SYSTEM

# Errors that an old row's values can lead to; any other is a fault of ours.
REFUSALS = (
    UnusableValueError, InvalidTaskError, ValidationError, rows.AlreadyTakenError, tasks.TenantFullError, ValueError,
    OverflowError, DatabaseError,
)  # fmt: skip
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
OFF = "The task is disabled here: stop the old system, then enable the task, or use --enable."


class RowPass:
    """One pass over the rows of the source with this key; rows that an earlier pass has made stay as they are."""

    def __init__(self, key: str, now: datetime, *, switch_on: bool) -> None:
        self.now, self.switch_on = now, switch_on
        self.origins, self.report = Origins(key), Report()
        self._notes: list[str] = []

    def one(self, what: str, row: OldRow, make: Callable[[OldRow], Model]) -> None:
        """Take the row over by `make`, or leave it and report why."""
        if self.is_here(row):
            self.report.here[what] += 1
        elif self.by_itself(what, row, lambda: self._make(row, make)):
            self.report.taken[what] += 1

    def is_here(self, row: OldRow) -> bool:
        return self.origins.id_of(row.table, row.origin) is not None

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
        self.origins.remember(new_row, row.table, row.origin)

    def create(self, row: Model) -> Model:
        return rows.create(row, SYSTEM)

    def keep_created(self, new_row: Model, row: OldRow) -> None:
        created = row.moment("created_at")
        if created and any(column.name == "created_at" for column in new_row._meta.concrete_fields):
            type(new_row)._default_manager.filter(pk=new_row.pk).update(created_at=created)

    def is_enabled(self, was_on: bool) -> bool:
        """Return whether a task is enabled here, and note where it was enabled only there."""
        if was_on and not self.switch_on:
            self.note(OFF)
        return self.switch_on and was_on

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
                    ""
                    if is_permitted(target.literal, target.port, settings.OUTBOUND_ALLOWED_NETWORKS)
                    else PRIVATE_NOTE
                )
            if text:
                self.note(text.format(column=row.old_name(column), host=target.host))


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
