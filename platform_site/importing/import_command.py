"""The common part of the commands that import from elsewhere.

Exit codes: 0 done, or shown; 1 the source can't be read, or is not one of that system.
"""

from __future__ import annotations

import json
import sys
from abc import abstractmethod
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser, no_translations
from django.db import transaction
from django.utils import timezone

from platform_site.importing.old_database import OldDatabase, open_database
from platform_site.importing.report import Report
from platform_site.importing.source import SourceError
from tenants.models import Tenant

S = TypeVar("S")
DSN_HELP = (
    "mysql://user:password@host:3306/name or sqlite:////path; with - it is read from "
    "standard input, so that the password does not appear in the list of processes"
)


class ImportCommand(BaseCommand, Generic[S]):
    """A command that opens a source and takes it over. Both methods may raise SourceError."""

    def add_arguments(self, parser: CommandParser) -> None:
        self.add_source(parser)
        parser.add_argument(
            "--source-timezone",
            default="Asia/Shanghai",
            help="time zone of the old system (default %(default)s)",
        )
        parser.add_argument(
            "--known-as",
            default="",
            metavar="NAME",
            help="name that identifies this source; its address or path by default. Without it, a copy "
            "or a new address counts as another source, and everything is imported again",
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
    def add_source(self, parser: CommandParser) -> None:
        """Add the arguments that name the source."""

    @abstractmethod
    def opened(self, options: dict[str, Any], zone: ZoneInfo) -> AbstractContextManager[S]:
        """Open the source that the options name."""

    @abstractmethod
    def take(self, source: S, now: datetime, switch_on: bool) -> Report:
        """Import everything, in a transaction."""

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        zone = _zone(options["source_timezone"])
        try:
            with self.opened(options, zone) as source, transaction.atomic():
                report = self.take(source, timezone.now(), options["enable"])
                # A dry run does everything and rolls it back, so it reports exactly what --apply does.
                transaction.set_rollback(not options["apply"])
        except SourceError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            data = report.as_json() | {"applied": options["apply"]}
            self.stdout.write(json.dumps(data, ensure_ascii=False, indent=2))
            return
        self.stdout.write("\n".join(report.lines()))
        if not options["apply"]:
            self.stdout.write("Nothing has been changed yet: use --apply to write the changes.")


class DatabaseImportCommand(ImportCommand[OldDatabase]):
    def add_source(self, parser: CommandParser) -> None:
        parser.add_argument("dsn", help=DSN_HELP)

    def opened(self, options: dict[str, Any], zone: ZoneInfo) -> AbstractContextManager[OldDatabase]:
        dsn = sys.stdin.readline().strip() if options["dsn"] == "-" else options["dsn"]
        return open_database(dsn, zone, options["known_as"])


class PathImportCommand(ImportCommand[S]):
    """A command whose source is a file or folder, and whose rows all become one tenant's."""

    path_help: ClassVar[str]
    tenant: Tenant

    def add_source(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, help=self.path_help)
        parser.add_argument(
            "--tenant", required=True, metavar="CODE", help="tenant that everything is imported for"
        )

    def opened(self, options: dict[str, Any], zone: ZoneInfo) -> AbstractContextManager[S]:
        tenant = Tenant.objects.filter(code=options["tenant"]).first()
        if tenant is None:
            raise SourceError(f"The tenant {options['tenant']!r} does not exist: create it first.")
        self.tenant = tenant
        return self.opened_path(options, zone)

    @abstractmethod
    def opened_path(self, options: dict[str, Any], zone: ZoneInfo) -> AbstractContextManager[S]:
        """Open the source at options["path"]."""


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError):
        raise CommandError(f"The time zone {name!r} does not exist.") from None
