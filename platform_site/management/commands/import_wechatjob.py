"""`manage.py import_wechatjob DSN`: the first old system becomes the default Dify task and its runs."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from platform_site.moving import wechatjob
from platform_site.moving.import_command import ImportCommand
from platform_site.moving.old_database import OldDatabase
from platform_site.moving.report import Report


class Command(ImportCommand):
    help = "Takes over the database of WeChatJOB: its Dify task and its log. May be repeated."

    def take(self, old: OldDatabase, zone: ZoneInfo, now: datetime, switch_on: bool) -> Report:
        return wechatjob.take(old, zone, now, switch_on=switch_on)
