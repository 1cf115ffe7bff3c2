"""The schedules of django-celery-beat, as columns of a task here."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from platform_site.importing.beat.dump import Dump
from platform_site.importing.old_row import OldRow, UnusableValueError
from scheduling.models import ScheduleType

MINUTES = {"days": 1440, "hours": 60, "minutes": 1}
FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
BOTH_DAYS = (
    "“{cron}” fires on days that match both day fields, which CRON can't express here. Create a task that fires by "
    "one of them, and let it check the other."
)
SOLAR = "It fires by the sun, which no schedule here does."
TOO_FINE = "It fires every {every} {period}, which no schedule here does."
OVER = "Its only time, {at:%Y-%m-%d %H:%M}, is over."
NONE = "The task has no schedule."


def schedule_columns(row: OldRow, dump: Dump, now: datetime) -> dict[str, Any]:
    """Return the columns of the schedule that the row names. Raises UnusableValueError."""
    if found := dump.row("crontabschedule", row.raw("crontab")):
        return _of_crontab(found)
    if found := dump.row("intervalschedule", row.raw("interval")):
        return _of_interval(found)
    if found := dump.row("clockedschedule", row.raw("clocked")):
        at = found.moment("clocked_time")
        if at is None or at <= now:
            found.refuse("clocked_time", OVER.format(at=at) if at else NONE)
        return {"schedule_type": ScheduleType.ONCE, "run_at": at}
    raise UnusableValueError("solar", SOLAR) if row.raw("solar") else UnusableValueError("crontab", NONE)


def _of_crontab(row: OldRow) -> dict[str, Any]:
    """Return CRON columns. Celery wants both day fields to match; so does CRON here if one begins with a star."""
    fields = [row.text(name, "*").replace(" ", "") for name in FIELDS]
    cron, days = " ".join(fields), (fields[2], fields[4])
    if not any(field.startswith("*") for field in days):
        row.refuse("day_of_week", BOTH_DAYS.format(cron=cron))
    zone = row.text("timezone", "UTC")
    return {"schedule_type": ScheduleType.CRON, "cron_expression": cron, "timezone": zone}


def _of_interval(row: OldRow) -> dict[str, Any]:
    every, period = row.whole("every"), row.text("period")
    if period == "seconds" and every % 60 == 0:
        every, period = every // 60, "minutes"
    if period == "seconds" and 0 < every < 60 and 60 % every == 0:
        return {"schedule_type": ScheduleType.CRON, "cron_expression": f"*/{every} * * * * *"}
    if period not in MINUTES:
        row.refuse("period", TOO_FINE.format(every=every, period=period[:20]))
    return {"schedule_type": ScheduleType.INTERVAL, "interval_minutes": every * MINUTES[period]}
