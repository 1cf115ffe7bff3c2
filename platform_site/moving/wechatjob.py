"""The first old system: one configuration becomes the default Dify task, its log that task's runs."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import Any

from django.db import transaction

from platform_site.moving.old_database import OldDatabase, Row, json_value, moment
from platform_site.moving.origins import Origins
from platform_site.moving.report import Report
from scheduling.engine import changes, cursor_changes, default_task, past
from scheduling.engine.flaws import Flawed
from scheduling.models import RunStatus, ScheduledTask
from tenants.access import SYSTEM

CONFIGS, LOGS = "task_configs", "task_logs"
COLUMNS = {
    CONFIGS: {"id", "interval_minutes", "is_active", "last_end_time", "dify_api_key", "dify_url"},
    LOGS: {
        "id",
        "execute_time",
        "start_time",
        "end_time",
        "status",
        "response_data",
        "error_message",
        "created_at",
    },
}
STATUS = {"success": RunStatus.SUCCESS, "failed": RunStatus.FAILED, "error": RunStatus.FAILED}


def take(old: OldDatabase, zone: tzinfo, now: datetime, *, switch_on: bool) -> Report:
    report = Report()
    for table, needed in COLUMNS.items():
        if missing := needed - old.tables.get(table, frozenset()):
            report.leave(table, f"there is no such table, or it lacks {', '.join(sorted(missing))}")
    if not report.left:
        _take_config(old, zone, now, report, switch_on)
        _take_history(old, zone, default_task.default_task(now), report)
    return report


def _take_config(old: OldDatabase, zone: tzinfo, now: datetime, report: Report, switch_on: bool) -> None:
    """The old system read its first row alone."""
    rows = list(old.rows(CONFIGS))
    for row in rows[1:]:
        report.leave(f"{CONFIGS} {row['id']}", "the old system used its first configuration alone")
    if not rows:
        return
    origins, task = Origins(old.name), default_task.default_task(now)
    if origins.id_of(CONFIGS, rows[0]["id"]):
        report.here["configuration"] += 1
    elif task.version > 1:
        report.leave(
            f"{CONFIGS} {rows[0]['id']}", "the default task has been set up here by somebody already"
        )
    else:
        _configure(task, rows[0], zone, now, origins, report, switch_on)


def _configure(
    task: ScheduledTask,
    row: Row,
    zone: tzinfo,
    now: datetime,
    origins: Origins,
    report: Report,
    switch_on: bool,
) -> None:
    def change(task: ScheduledTask) -> None:
        task.interval_minutes = row["interval_minutes"]
        task.dify_url, task.dify_api_key = row["dify_url"] or "", row["dify_api_key"] or ""
        task.is_enabled = switch_on and bool(row["is_active"])

    try:
        with transaction.atomic():
            changed = changes.update(task.pk, change, SYSTEM, now)
            if (end := moment(row["last_end_time"], zone)) is not None:
                cursor_changes.place(changed, end.replace(microsecond=0), SYSTEM, now)
            origins.remember(task, CONFIGS, row["id"])
    except Flawed as error:
        report.leave(f"{CONFIGS} {row['id']}", error)
        return
    report.taken["configuration"] += 1
    if row["is_active"] and not switch_on:
        report.note(
            "The old task was running. Stop the old system, then start the default task here, or use --enable."
        )


def _take_history(old: OldDatabase, zone: tzinfo, task: ScheduledTask, report: Report) -> None:
    for chunk in old.chunks(LOGS):
        runs = [run for row in chunk if (run := _past(old.name, row, zone))]
        new = past.add(task, runs, old.name)
        report.taken["runs"] += new
        report.here["runs"] += len(runs) - new
        if timeless := len(chunk) - len(runs):
            report.leave(f"{timeless} rows of {LOGS}", "they say no time at all")


def _past(database: str, row: Row, zone: tzinfo) -> past.Past | None:
    start, end = moment(row["start_time"], zone), moment(row["end_time"], zone)
    created = moment(row["created_at"], zone)
    began = moment(row["execute_time"], zone) or created or end
    if began is None:
        return None
    status = STATUS.get(str(row["status"]).lower())
    return past.Past(
        trace_id=f"{database}.{LOGS}.{row['id']}"[-100:],
        status=status or RunStatus.FAILED,
        started_at=began,
        created_at=created,
        due_at=end,
        window=(start, end) if start and end else None,
        result=_outputs(row["response_data"]),
        error=row["error_message"] or ("" if status else f"It was “{row['status']}” when it was taken over."),
    )


def _outputs(text: Any) -> Any:
    """What Dify answered: JSON, or text as it came."""
    return json_value(text, text) if text else None
