"""The common part of the two commands that read an old database.

Exit codes: 0 done, or shown; 1 the old database can't be read, or is not one of that system.
"""

from __future__ import annotations

import json
import sys
from abc import abstractmethod
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations
from django.db import transaction
from django.utils import timezone

from platform_site.importing.old_database import OldDatabase, OldDatabaseError, open_database
from platform_site.importing.report import Report

DSN_HELP = (
    "mysql://user:password@host:3306/name or sqlite:////path; with - it is read from "
    "standard input, so that the password does not appear in the list of processes"
)


class ImportCommand(BaseCommand):
    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dsn", help=DSN_HELP)
        parser.add_argument(
            "--source-timezone",
            default="Asia/Shanghai",
            help="time zone of the old system (default %(default)s)",
        )
        parser.add_argument(
            "--known-as",
            default="",
            metavar="NAME",
            help="name that identifies this database; its address by default. Without it, a copy of the "
            "database or a new address counts as another database, and the rows are imported again",
        )
        parser.add_argument(
            "--apply", action="store_true", help="write the changes; without it nothing is changed"
        )
        parser.add_argument(
            "--enable",
            action="store_true",
            help="enable the tasks that were enabled there: stop the old system first",
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    @abstractmethod
    def take(self, old: OldDatabase, now: datetime, switch_on: bool) -> Report: ...

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        dsn = sys.stdin.readline().strip() if options["dsn"] == "-" else options["dsn"]
        zone = _zone(options["source_timezone"])
        try:
            with open_database(dsn, zone, options["known_as"]) as old, transaction.atomic():
                report = self.take(old, timezone.now(), options["enable"])
                # A dry run does everything and rolls it back, so it reports exactly what --apply does.
                transaction.set_rollback(not options["apply"])
        except OldDatabaseError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            data = report.as_json() | {"applied": options["apply"]}
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))
            return
        self.stdout.write("\n".join(report.lines()))
        if not options["apply"]:
            self.stdout.write("Nothing has been changed yet: use --apply to write the changes.")


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError):
        raise CommandError(f"The time zone {name!r} does not exist.") from None
