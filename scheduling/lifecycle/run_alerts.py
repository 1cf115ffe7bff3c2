"""When a run is worth an alert.

Each alert is written in the transaction of what it reports, and sent once in a silence period.

task_failed      the last attempt failed, as the last `alert_after_failures` runs did. A muted failure alerts nobody,
                 and one that comes back after it was resolved alerts whatever the silence period
task_recovered   a success after a failure that was told
task_missed      a due time was reached too late to run
task_too_long    a run takes longer than `alert_max_duration_seconds`: told while it goes on, else at its end
worker_lost      a run's worker died, whatever becomes of the run
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import takewhile

from django.db import transaction

from notifications import alert_marks, alerts, outbox
from notifications.facts import RunFacts
from scheduling.lifecycle import failures
from scheduling.models import Run, RunStatus, ScheduledTask, runs_of

LOOK_BACK = 100


def alert_at_end(run: Run, task: ScheduledTask, now: datetime) -> None:
    if run.status == RunStatus.FAILED:
        _alert_failure(run, task, now)
    if run.status == RunStatus.SUCCESS:
        _alert_recovery(run, task, now)
    if run.status in (RunStatus.FAILED, RunStatus.SUCCESS):
        _alert_if_too_long(run, task, timedelta(milliseconds=run.duration_ms or 0), now)


def _alert_failure(run: Run, task: ScheduledTask, now: datetime) -> None:
    if not task.alert_on_failure or not task.alert_webhook:
        return
    group = failures.find_group(run.task_id, run.error_code, run.error)
    if group is not None and group.is_silent(now):
        return
    in_a_row = failures_in_a_row(task)
    fold_for = timedelta(0) if group is not None and group.comes_back_with(now) else None
    if in_a_row >= task.alert_after_failures and alert_marks.claim_alert(
        subject_of(task.pk), "task_failed", now, fold_for
    ):
        alerts.enqueue("task_failed", replace(facts_of(run), failures=in_a_row), task.alert_webhook, now)


def failures_in_a_row(task: ScheduledTask) -> int:
    """Return how many of the task's runs have failed in a row up to now, counted as far as it matters."""
    ended = Run.objects.filter(status__in=(RunStatus.SUCCESS, RunStatus.FAILED))
    latest = runs_of(task.pk, ended).values_list("status", flat=True)[
        : max(LOOK_BACK, task.alert_after_failures)
    ]
    return len(list(takewhile(lambda status: status == RunStatus.FAILED, latest)))


def _alert_recovery(run: Run, task: ScheduledTask, now: datetime) -> None:
    if not task.alert_on_failure:
        return
    if not task.alert_on_recovery or not task.alert_webhook:
        alert_marks.close_mark(subject_of(task.pk), "task_failed")
    elif alert_marks.take_open_mark(subject_of(task.pk), "task_failed"):
        alerts.enqueue("task_recovered", facts_of(run), task.alert_webhook, now)


def alert_too_long(now: datetime) -> None:
    """Send alerts about running runs that take too long. For beat."""
    going = Run.objects.filter(status=RunStatus.RUNNING, task__alert_max_duration_seconds__isnull=False)
    for run in going.select_related("task"):
        if run.first_started_at is not None:
            with transaction.atomic():
                _alert_if_too_long(run, run.task, now - run.first_started_at, now)


def _alert_if_too_long(run: Run, task: ScheduledTask, duration: timedelta, now: datetime) -> None:
    max_seconds = task.alert_max_duration_seconds
    if max_seconds is None or not task.alert_webhook or duration <= timedelta(seconds=max_seconds):
        return
    if alert_marks.claim_alert(subject_of(task.pk), "task_too_long", now, log_id=run.pk):
        lasted = replace(
            facts_of(run), duration_seconds=duration.total_seconds(), expected_seconds=max_seconds
        )
        alerts.enqueue("task_too_long", lasted, task.alert_webhook, now)


def alert_missed(by_task: Mapping[int, Sequence[int]], now: datetime) -> None:
    """Send alerts about runs that have just become `missed`: one per task, about the latest run.

    `by_task`: the runs' ids in order, by the task's id.
    """
    for task in ScheduledTask.objects.filter(pk__in=by_task, alert_on_missed=True) if by_task else ():
        if task.alert_webhook:
            _alert_missed_runs(task, by_task[task.pk], now)


def _alert_missed_runs(task: ScheduledTask, run_ids: Sequence[int], now: datetime) -> None:
    if not alert_marks.claim_alert(subject_of(task.pk), "task_missed", now):
        return
    facts = facts_of(Run.objects.get(pk=run_ids[-1]))
    if len(run_ids) > 1:
        facts = replace(facts, error=f"{facts.error} {len(run_ids)} due times in all.")
    alerts.enqueue("task_missed", facts, task.alert_webhook, now)


def alert_lost_worker(run: Run, task: ScheduledTask | None, error: str, now: datetime) -> None:
    """Send an alert about a lost worker.

    It goes to the task's address where the task alerts on failure, else to the tenant's or the platform's.
    """
    own = task.alert_webhook if task and task.alert_on_failure else ""
    address = own or alerts.owner_address(run.tenant_id)
    group = failures.find_group(run.task_id, "worker_lost", error) if address else None
    if group is not None and group.is_silent(now):
        return
    if address and alert_marks.claim_alert(subject_of(run.task_id), "worker_lost", now):
        facts = replace(facts_of(run), error=error, error_code="worker_lost")
        alerts.enqueue("worker_lost", facts, address, now)


def subject_of(task_id: int) -> str:
    """Return the name by which the marks of alerts know the task."""
    return f"task:{task_id}"


def facts_of(run: Run) -> RunFacts:
    return RunFacts(
        task_id=run.task_id,
        task_name=run.task_name,
        tenant_id=run.tenant_id,
        log_id=run.pk,
        trace_id=run.trace_id,
        status=run.status,
        error=run.error,
        error_code=run.error_code,
        due_at=run.due_at,
        attempt=run.attempt,
        url=outbox.run_url(run.pk),
        output=run.output[-4000:],
    )
