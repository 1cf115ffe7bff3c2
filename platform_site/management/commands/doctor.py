"""`manage.py doctor`: checks every part, and says how to mend what it finds."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from platform_site.doctor import examine
from platform_site.doctor.finding import Finding


class Command(BaseCommand):
    help = (
        "Checks settings, database, Redis, beat, workers, outbox, sandbox, disk, calendars and "
        "Dify, and tells how to fix what is wrong. Exit codes: 0 due tasks will run, 1 a problem "
        "keeps them from running."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *args: Any, **options: Any) -> None:
        found = examine()
        is_well = all(finding.grade != "problem" for finding in found)
        if options["json"]:
            self.stdout.write(json.dumps({"ok": is_well, "findings": [asdict(finding) for finding in found]}))
        else:
            self.stdout.write("\n".join(map(line_of, found)))
        sys.exit(0 if is_well else 1)


def line_of(finding: Finding) -> str:
    line = f"{finding.grade:<8}{finding.part:<10}{finding.text}"
    return f"{line}\n{'':<18}→ {finding.fix}" if finding.fix else line
