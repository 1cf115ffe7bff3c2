"""50 tasks due in every second, run by a real worker: how late each is claimed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from bench.processes import Processes, usage
from bench.row import Row, percentile, summary
from common import process_registry
from scheduling.models import Run, RunStatus, ScheduledTask, Trigger
from scheduling.tests import history, make
from testing.patience import eventually
from testing.servers.webhook import Webhook

TINY = {"a_second": 2, "seconds": 3}
A_MINUTE = 60
SLOTS = 32
PATIENCE_SECONDS = 300
LEAD = timedelta(seconds=8)  # time to write the tasks


def measure(a_second: int = 50, seconds: int = 60) -> list[Row]:
    """Measure webhook tasks, each due once a minute, whose server answers at once."""
    with Webhook() as webhook, Processes() as processes:
        worker, beat = processes.worker("threads", SLOTS, "io"), processes.beat()
        eventually(
            lambda: process_registry.living("worker") and process_registry.living("beat"), PATIENCE_SECONDS
        )
        since = timezone.now().replace(microsecond=0) + LEAD
        _fill(webhook.url, a_second, since)
        before = usage(worker.pid).cpu_seconds, usage(beat.pid).cpu_seconds
        until = since + timedelta(seconds=seconds)
        eventually(lambda: timezone.now() > until, PATIENCE_SECONDS)
        runs = Run.objects.filter(trigger=Trigger.SCHEDULE, due_at__gte=since, due_at__lt=until)
        eventually(lambda: not runs.exclude(status=RunStatus.SUCCESS).exists(), PATIENCE_SECONDS)
        after = usage(worker.pid).cpu_seconds, usage(beat.pid).cpu_seconds
    late = lateness(since, until)
    if len(late) != a_second * seconds:
        raise RuntimeError(f"{len(late)} runs stand for {a_second * seconds} due times")
    what = f"steady load, {a_second} due a second: due → claimed, p99"
    cpu = [round(1000 * (then - now) / len(late), 2) for now, then in zip(before, after, strict=True)]
    details = summary(late) | {"worker_cpu_ms_a_run": cpu[0], "beat_cpu_ms_a_run": cpu[1]}
    return [Row(what, percentile(late, 99), "s", 0.5, 0.2, details=details)]


def _fill(url: str, a_second: int, since: datetime) -> None:
    first = make.task(timezone.now(), execution_type="webhook", webhook_url=url, cron_expression="0 0 1 1 *")
    ScheduledTask.objects.filter(pk=first.pk).update(is_enabled=False)
    first.pk, first.is_enabled = None, True
    columns = {
        "task_name": "CONCAT('steady ', n)",
        "cron_expression": f"CONCAT(({since.second} + n) % {A_MINUTE}, ' * * * * *')",
        "next_run_at": history.seconds_after(since, f"n % {A_MINUTE}"),
    }
    history.copies(first, a_second * A_MINUTE, columns)


def lateness(since: datetime, until: datetime) -> list[float]:
    """Return the seconds from due time to claim of every run that was due in [since, until)."""
    rows = Run.objects.filter(trigger=Trigger.SCHEDULE, due_at__gte=since, due_at__lt=until)
    times = rows.values_list("due_at", "first_started_at")
    return [(started - due).total_seconds() for due, started in times if started and due]
