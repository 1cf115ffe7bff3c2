"""`manage.py import_crontab FILE --tenant CODE`: imports a crontab's Python scripts and calls of addresses."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandParser

from platform_site.importing.crontab.taking import Crontab, Import
from platform_site.importing.import_command import PathImportCommand
from platform_site.importing.report import Report
from platform_site.importing.source import SourceError, source_key

MAX_BYTES = 1 << 20


class Command(PathImportCommand[Crontab]):
    help = (
        "Imports a crontab: lines that start a Python script become script tasks, calls by curl or wget become "
        "webhook tasks. It may be repeated: what is already here stays as it is."
    )
    path_help = "crontab, for example from crontab -l; - for standard input"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--system", action="store_true", help="a user stands before each command, as in /etc/crontab"
        )

    @contextmanager
    def opened_path(self, options: dict[str, Any], zone: ZoneInfo) -> Iterator[Crontab]:
        path, known_as = options["path"], options["known_as"]
        place = "-" if str(path) == "-" else str(path.resolve())
        key = source_key(known_as or "crontab", known_as or place)
        yield Crontab(key, _content(path), options["system"], Path("~").expanduser(), zone)

    def take(self, source: Crontab, now: datetime, switch_on: bool) -> Report:
        return Import(source, self.tenant, now, switch_on=switch_on).take()


def _content(path: Path) -> bytes:
    """Read the file, or standard input for `-`. Raises SourceError."""
    try:
        if str(path) == "-":
            content = sys.stdin.buffer.read(MAX_BYTES + 1)
        else:
            with path.open("rb") as file:
                content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise SourceError(f"{path} can't be read: {error.strerror}.") from error
    if len(content) > MAX_BYTES:
        raise SourceError(f"{path} takes more than {MAX_BYTES >> 20} MiB.")
    return content
