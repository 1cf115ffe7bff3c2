"""`manage.py run_task TASK`: queues a run; with --wait shows its lines until it has ended."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from platform_site.arguments import task_named
from scheduling.engine import requests
from scheduling.models import UNFINISHED, Run, RunLine, RunStatus, Trigger
from tenants import audit
from tenants.access import SYSTEM

LOOK_SECONDS = 0.3


class Command(BaseCommand):
    help = "Queues a run of a task, also of one that is switched off; beat and a worker carry it out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("task", help="its id or its name")
        parser.add_argument("--params", default="{}", help="a JSON object, merged over the task's own")
        parser.add_argument(
            "--wait", action="store_true", help="show its lines; exit code 0 where it succeeds"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        task, params = task_named(options["task"]), _object(options["params"])
        with transaction.atomic():
            run = requests.run_now(
                task, timezone.now(), SYSTEM.username, trigger=Trigger.MANUAL, params=params
            )
            audit.record(SYSTEM, "run", task)
        self.stdout.write(f"Run {run.pk} of {task.task_name} is queued, trace id {run.trace_id}.")
        if options["wait"]:
            self._follow(run)

    def _follow(self, run: Run) -> None:
        """Ctrl-C leaves the run alone."""
        seen = 0
        while run.status in UNFINISHED:
            time.sleep(LOOK_SECONDS)
            run.refresh_from_db()  # before its lines: none is missed when it ends in between
            seen = self._show(run, seen)
        self.stdout.write(f"Run {run.pk}: {run.status}" + (f" ({run.error_code})" if run.error_code else ""))
        if run.error:
            self.stderr.write(run.error)
        if run.status != RunStatus.SUCCESS:
            sys.exit(1)

    def _show(self, run: Run, after: int) -> int:
        for line in RunLine.objects.filter(run=run, seq__gt=after).order_by("seq"):
            self.stdout.write(f"{timezone.localtime(line.at):%H:%M:%S} {line.stream:<7}{line.text}")
            after = line.seq
        self.stdout.flush()
        return after


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise CommandError(f"--params is no JSON: {error}") from None
    if not isinstance(found, dict):
        raise CommandError("--params is no JSON object.")
    return found
