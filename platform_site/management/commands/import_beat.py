"""`manage.py import_beat FILE --tenant CODE`: imports the periodic tasks of django-celery-beat that call an address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from platform_site.importing.beat.dump import Dump, read_dump
from platform_site.importing.beat.taking import Import
from platform_site.importing.import_command import PathImportCommand
from platform_site.importing.report import Report


class Command(PathImportCommand[Dump]):
    help = (
        "Imports the periodic tasks of django-celery-beat that call an address, as webhook tasks, and lists the "
        "others. It may be repeated: what is already here stays as it is."
    )
    path_help = "file that manage.py dumpdata django_celery_beat has written in the old project"

    @contextmanager
    def opened_path(self, options: dict[str, Any], zone: ZoneInfo) -> Iterator[Dump]:
        yield read_dump(options["path"], zone, options["known_as"])

    def take(self, source: Dump, now: datetime, switch_on: bool) -> Report:
        return Import(source, self.tenant, now, switch_on=switch_on).take()
