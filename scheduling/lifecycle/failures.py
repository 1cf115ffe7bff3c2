"""Counts a failed run in the group of those that failed for the same reason.

A group is written by one statement at the end of the transaction that ends the run and holds its task: nothing is
locked after it, so that no two ends wait for each other. Runs that succeed cost no statement.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from common.framework.rows import Rows
from scheduling.lifecycle.fingerprints import fingerprint, place
from scheduling.models import FailureGroup, FailureState, Run, RunStatus

MAX_ERROR = 2000
GROUPS = Rows(FailureGroup)
# A failure opens what was resolved, and what was muted until a time that is over.
IS_OVER = "(state = 'resolved' OR (state = 'muted' AND muted_until <= %(last_at)s))"


def count_failure(run: Run, now: datetime) -> None:
    """Count the run in its group if it has failed, in the transaction that ends it."""
    if run.status != RunStatus.FAILED:
        return
    day = f"""'$."{day_of(now)}"'"""
    GROUPS.upsert(
        _first_row(run, now),
        run_count="run_count + 1",
        days=f"JSON_SET(days, {day}, COALESCE(JSON_EXTRACT(days, {day}), 0) + 1)",
        opened_at=f"CASE WHEN {IS_OVER} THEN %(opened_at)s ELSE opened_at END",
        state=f"CASE WHEN {IS_OVER} THEN %(state)s ELSE state END",
        **{name: f"%({name})s" for name in ("tenant_id", "error", "last_at", "last_run_id")},
    )


def _first_row(run: Run, now: datetime) -> dict[str, object]:
    return {
        "fingerprint": fingerprint_of(run),
        "task_id": run.task_id,
        "tenant_id": run.tenant_id,
        "error_code": run.error_code,
        "place": place(run.error_code, run.error),
        "error": run.error[:MAX_ERROR],
        "run_count": 1,
        "days": {day_of(now): 1},
        "first_at": now,
        "last_at": now,
        "last_run_id": run.pk,
        "state": FailureState.OPEN.value,
        "opened_at": now,
        "decided_by": "",
        "reason": "",
        "rerun_to": 0,
    }


def day_of(now: datetime) -> str:
    """Return the name of the platform's local day in a group's `days`."""
    return timezone.localtime(now).date().isoformat()


def fingerprint_of(run: Run) -> str:
    return fingerprint(run.task_id, run.error_code, run.error)


def find_group(task_id: int, error_code: str, error: str) -> FailureGroup | None:
    """Return the group of the task's runs that failed with such an error; None where there is none yet."""
    return GROUPS.find(pk=fingerprint(task_id, error_code, error))
