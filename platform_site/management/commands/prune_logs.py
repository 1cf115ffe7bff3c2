"""`manage.py prune_logs`: deletes now what beat's daily housekeeping would delete."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from scheduling.beat.prune import Pruned, prune


class Command(BaseCommand):
    help = (
        "Deletes ended runs with their lines and deliveries when they are older than their task's retention."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only print how many there are")
        parser.add_argument(
            "--days",
            type=int,
            default=settings.KEEP_RUNS_DAYS,
            help="retention of tasks that set none",
        )
        parser.add_argument("--json", action="store_true", help="print the counts as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        total = Pruned()
        for pruned in prune(timezone.now(), options["days"], dry_run=options["dry_run"]):
            total += pruned
            self.stderr.write(f"\r{total.runs} runs, {total.deliveries} deliveries", ending="")
            self.stderr.flush()
        verb = "Would delete" if options["dry_run"] else "Deleted"
        self.stderr.write("\r", ending="")
        summary = f"{verb} {total.runs} runs and {total.deliveries} deliveries."
        self.stdout.write(json.dumps(asdict(total)) if options["json"] else summary)
