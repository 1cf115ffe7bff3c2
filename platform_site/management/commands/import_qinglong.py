"""`manage.py import_qinglong FOLDER --tenant CODE`: imports QingLong's Python tasks, variables and robots."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from platform_site.importing.import_command import PathImportCommand
from platform_site.importing.qinglong.folder import QingLong, open_folder
from platform_site.importing.qinglong.taking import Import
from platform_site.importing.report import Report


class Command(PathImportCommand[QingLong]):
    help = (
        "Imports a data folder of QingLong: its Python tasks, environment variables and robots. It may be "
        "repeated: what is already here stays as it is."
    )
    path_help = "QingLong's data folder, which contains db and scripts"

    def opened_path(self, options: dict[str, Any], zone: ZoneInfo) -> AbstractContextManager[QingLong]:
        return open_folder(options["path"], zone, options["known_as"])

    def take(self, source: QingLong, now: datetime, switch_on: bool) -> Report:
        return Import(source, self.tenant, now, switch_on=switch_on).take()
