"""`manage.py import_platform DSN`: imports the second old system.

That is its tenants, channels, tasks, variables, secrets and log.
"""

from __future__ import annotations

from datetime import datetime

from platform_site.importing.import_command import DatabaseImportCommand
from platform_site.importing.old_database import OldDatabase
from platform_site.importing.report import Report
from platform_site.importing.script_platform import Import


class Command(DatabaseImportCommand):
    help = (
        "Imports the database of the old task platform. It may be repeated: rows that are "
        "already here stay as they are."
    )

    def take(self, source: OldDatabase, now: datetime, switch_on: bool) -> Report:
        return Import(source, now, switch_on=switch_on).take()
