"""`manage.py backfill TASK --from … --to …`: queues a run for each due time that has passed."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations
from django.utils import timezone

from platform_site.management.arguments import moment, task_named
from scheduling.acts import backfills
from scheduling.models import IncompleteTaskError
from tenants.access import SYSTEM


class Command(BaseCommand):
    help = "Runs a task for each due time of a range, or for each data window in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("task", help="ID or name of the task")
        parser.add_argument(
            "--from",
            required=True,
            dest="from_at",
            help="ISO 8601; without an offset in the task's time zone",
        )
        parser.add_argument("--to", required=True, dest="to_at", help="not included")
        parser.add_argument(
            "--max-parallel",
            type=int,
            choices=range(1, 101),
            default=1,
            metavar="1..100",
            help="how many of its runs may run at the same time",
        )
        parser.add_argument(
            "--send-messages",
            action="store_true",
            help="send each run's message, not one summary at the end",
        )
        parser.add_argument("--dry-run", action="store_true", help="only list the due times")
        parser.add_argument("--json", action="store_true", help="print the result as one JSON object")

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        task, now = task_named(options["task"]), timezone.now()
        since, until = moment(options["from_at"], task), moment(options["to_at"], task)
        try:
            if options["dry_run"]:
                zone = ZoneInfo(task.timezone)
                due = [one.due_at.astimezone(zone) for one in backfills.plan(task, since, until, now)]
                self.stdout.write(_due_times_text(due, options["json"]))
                return
            started = backfills.start(
                task,
                since,
                until,
                options["max_parallel"],
                SYSTEM,
                now,
                sends_messages=options["send_messages"],
            )
        except (backfills.BackfillRefusedError, IncompleteTaskError) as error:
            raise CommandError(str(error)) from error
        summary = f"Backfill {started.pk}: {started.total} runs are queued."
        self.stdout.write(
            json.dumps({"id": started.pk, "total": started.total}) if options["json"] else summary
        )


def _due_times_text(due: list[datetime], as_json: bool) -> str:
    if as_json:
        return json.dumps({"total": len(due), "due_at": [at.isoformat() for at in due]})
    return "\n".join(f"{at:%F %T%z}" for at in due)
