"""`manage.py backfill TASK --from … --to …`: a run for each due time that has passed."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations
from django.utils import timezone

from platform_site.arguments import moment, task_named
from scheduling.engine import backfill
from tenants.access import SYSTEM


class Command(BaseCommand):
    help = "Runs a task for each due time of a range, or for each data window in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("task", help="its id or its name")
        parser.add_argument("--from", required=True, dest="from_at", help="ISO 8601, else in the task's zone")
        parser.add_argument("--to", required=True, dest="to_at", help="not included")
        parser.add_argument("--max-parallel", type=int, choices=range(1, 101), default=1, metavar="1..100")
        parser.add_argument("--dry-run", action="store_true", help="only name the due times")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        task, now = task_named(options["task"]), timezone.now()
        since, until = moment(options["from_at"], task), moment(options["to_at"], task)
        try:
            if options["dry_run"]:
                for one in backfill.plan(task, since, until, now):
                    self.stdout.write(f"{one.due_at.astimezone(ZoneInfo(task.timezone)):%F %T%z}")
                return
            started = backfill.start(task, since, until, options["max_parallel"], SYSTEM, now)
        except backfill.Refused as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Backfill {started.pk}: {started.total} runs are queued.")
