"""`manage.py run_task TASK`: queues a run; with --wait it shows the run's lines until it has ended."""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from common.visible import visible
from platform_site.management.arguments import json_object, task_named
from platform_site.management.live_lines import LiveLines
from scheduling.acts import runs
from scheduling.lifecycle import run_logs
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import UNFINISHED, IncompleteTaskError, Run, RunLine, RunStatus
from tenants.access import SYSTEM

LOOK_SECONDS = 0.3
SHOWN = ("id", "trace_id", "status", "error_code", "error", "result")


class Command(BaseCommand):
    help = (
        "Queues a run of a task, even if the task is disabled; beat and a worker execute it. "
        "Exit codes: 0 the run is queued, or with --wait has succeeded; 1 it has failed, or "
        "can't be queued."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("task", help="ID or name of the task")
        parser.add_argument(
            "--params", default="{}", help="JSON object that is merged over the task's parameters"
        )
        parser.add_argument("--wait", action="store_true", help="show the run's log until it has ended")
        parser.add_argument(
            "--json", action="store_true", help="print the run as one JSON object, without its log"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        task, params = task_named(options["task"]), json_object(options["params"])
        try:
            run = runs.run_now(task, SYSTEM, timezone.now(), params=params)
        except (IncompleteTaskError, NoWindowError) as error:
            raise CommandError(str(error)) from error
        live = None if options["json"] else LiveLines(self.stdout)
        if live:
            self.stdout.write(
                visible(f"Run {run.pk} of {task.task_name} is queued, trace id {run.trace_id}.")
            )
            if words := runs.window_text(run, task):
                self.stdout.write(words)
        if options["wait"]:
            _follow(run, live)
        if live is None:
            self.stdout.write(json.dumps({name: getattr(run, name) for name in SHOWN}, ensure_ascii=False))
        elif options["wait"]:
            self._say(run)
        if options["wait"] and run.status != RunStatus.SUCCESS:
            sys.exit(1)

    def _say(self, run: Run) -> None:
        self.stdout.write(f"Run {run.pk}: {run.status}" + (f" ({run.error_code})" if run.error_code else ""))
        if run.error:
            self.stderr.write(visible(run.error))


def _follow(run: Run, live: LiveLines | None) -> None:
    """Show the run's lines until it has ended. Ctrl-C leaves the run alone."""
    seen = 0
    while run.status in UNFINISHED:
        time.sleep(LOOK_SECONDS)
        with suppress(OperationalError, InterfaceError):  # the run goes on, so look again
            run.refresh_from_db()  # before its lines: then none is missed when it ends in between
            if live:
                seen = _show(run, seen, live)
    if live:
        live.leave_bar()


def _show(run: Run, after: int, live: LiveLines) -> int:
    for line in RunLine.objects.filter(run=run, seq__gt=after).order_by("seq"):
        live.show(line.at, line.stream, run_logs.plain(line.text))
        after = line.seq
    return after
