"""`manage.py import_wechatjob DSN`: imports the first old system as the default Dify task and its runs."""

from __future__ import annotations

from datetime import datetime

from platform_site.importing.import_command import DatabaseImportCommand
from platform_site.importing.old_database import OldDatabase
from platform_site.importing.report import Report
from platform_site.importing.wechatjob import Import


class Command(DatabaseImportCommand):
    help = "Imports the database of WeChatJOB: its Dify task and its log. It may be repeated."

    def take(self, source: OldDatabase, now: datetime, switch_on: bool) -> Report:
        return Import(source, now, switch_on=switch_on).take()
