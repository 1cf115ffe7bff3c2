"""The month behind the demo's tasks: runs that nothing has executed, and messages that nothing has sent.

All of it follows from the due times, so that two people see the same month. No alert belongs to its failures.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import groupby

from notifications.acts import add_sent
from notifications.models import Delivery, DeliveryKind, DeliveryStatus, NotifyChannel
from scheduling.acts import imported_runs
from scheduling.acts.imported_runs import ImportedRun
from scheduling.models import Run, RunStatus, ScheduledTask
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.due import between

DAYS, MAX_RUNS = 30, 3000
TAKEN_FROM = "demo"
FAILURES, ON_A_BAD_DAY = 0.03, 0.3  # the share of runs that fail
BAD_WEEKDAY = 2  # every other Wednesday is a bad day
USUAL_SECONDS = {"script": 4.0, "dify": 25.0, "webhook": 0.8}
ERRORS = {
    "script": ("script_error", "ValueError: the answer of the shop's service has no rows"),
    "dify": ("dify_failed", "The model's provider did not answer in time."),
    "webhook": ("http_status", "HTTP 502 Bad Gateway"),
}
RESPONSE = "Demo: this message was not sent."


def make_month(tasks: list[ScheduledTask], channel: NotifyChannel, now: datetime) -> int:
    """Write the tasks' runs of the last 30 days and their messages to the channel. Return the number of runs."""
    if not tasks:
        return 0
    runs = sorted((run for task in tasks for run in _runs(task, now)), key=lambda each: each[0])
    # In the order of time, which the lists show by the ids.
    for _, group in groupby(runs, key=lambda each: each[1].pk):
        some = list(group)
        imported_runs.add(some[0][1], [run for _, _, run in some], TAKEN_FROM)
    add_sent(_deliveries(tasks, channel))
    return len(runs)


def _runs(task: ScheduledTask, now: datetime) -> list[tuple[datetime, ScheduledTask, ImportedRun]]:
    schedule = schedule_of(task)
    schedule = replace(schedule, anchor=schedule.anchor - timedelta(days=DAYS))  # intervals count from it
    times = between(schedule, now - timedelta(days=DAYS), now - timedelta(hours=1), MAX_RUNS)
    return [(due_at, task, _run(task, due_at)) for due_at in times]


def _run(task: ScheduledTask, due_at: datetime) -> ImportedRun:
    trace_id = sha256(f"{TAKEN_FROM} {task.pk} {task.task_name} {due_at.isoformat()}".encode()).hexdigest()[
        :32
    ]
    chance, length = _share(task.task_name, due_at, "chance"), _share(task.task_name, due_at, "length")
    has_failed = chance < (ON_A_BAD_DAY if _is_bad(due_at.date()) else FAILURES)
    started_at = due_at + timedelta(seconds=0.1 + length)
    code, error = ERRORS[task.execution_type]
    return ImportedRun(
        trace_id,
        RunStatus.FAILED if has_failed else RunStatus.SUCCESS,
        started_at,
        finished_at=started_at + timedelta(seconds=USUAL_SECONDS[task.execution_type] * (0.6 + length)),
        created_at=due_at,
        due_at=due_at,
        output="Demo: this run was not executed.",
        error=error if has_failed else "",
        error_code=code if has_failed else "",
        result=None if has_failed else {"title": task.task_name, "content": RESPONSE},
        retry_count=task.retry_count if has_failed else 0,
    )


def _share(name: str, due_at: datetime, purpose: str) -> float:
    """Return a number from 0 to 1 that looks like chance and is always the same."""
    return int(sha256(f"{name} {due_at.isoformat()} {purpose}".encode()).hexdigest()[:8], 16) / 16**8


def _is_bad(day: date) -> bool:
    return day.weekday() == BAD_WEEKDAY and day.isocalendar().week % 2 == 0


def _deliveries(tasks: list[ScheduledTask], channel: NotifyChannel) -> list[Delivery]:
    reporting = [task.pk for task in tasks if task.notify_channels]
    runs = Run.objects.filter(task_id__in=reporting, triggered_by=TAKEN_FROM, status=RunStatus.SUCCESS)
    return [_delivery(run, channel, run.finished_at) for run in runs.order_by("pk") if run.finished_at]


def _delivery(run: Run, channel: NotifyChannel, at: datetime) -> Delivery:
    return Delivery(
        log_id=run.pk,
        task_id=run.task_id,
        tenant_id=run.tenant_id,
        trace_id=run.trace_id,
        channel=channel,
        channel_type=channel.channel_type,
        robot=channel.destination_key,
        kind=DeliveryKind.RESULT,
        status=DeliveryStatus.SENT,
        title=run.task_name,
        message=run.result,
        msg_uuid=run.trace_id,
        parts_sent=1,
        attempts=1,
        next_attempt_at=at,
        sent_at=at + timedelta(seconds=1),
        response=RESPONSE,
        created_at=at,
    )
