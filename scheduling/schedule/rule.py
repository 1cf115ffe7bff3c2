"""A task's schedule: its columns, as plain values."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Literal
from zoneinfo import ZoneInfo

from scheduling.schedule.calendars import Calendar

ScheduleType = Literal["simple", "cron", "interval", "once"]
CalendarPolicy = Literal["skip", "shift"]

DEFAULT_TIMEZONE = "Asia/Shanghai"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Schedule:
    """Only the columns of its `schedule_type` are read. Times are aware UTC.

    `anchor` is where an interval's grid begins, see `grid_anchor`. `start_at` and `end_at`, both included,
    limit the due times as they are before the spread. `spread_key` keeps a task's offset stable.
    """

    schedule_type: ScheduleType = "simple"
    time_points: tuple[str, ...] = ()
    cron_expression: str = ""
    interval_minutes: int | None = None
    anchor: datetime = EPOCH
    run_at: datetime | None = None
    timezone: str = DEFAULT_TIMEZONE
    calendar: Calendar | None = None
    calendar_policy: CalendarPolicy = "skip"
    start_at: datetime | None = None
    end_at: datetime | None = None
    spread_seconds: int = 0
    spread_key: str = ""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def interval(self) -> timedelta:
        assert self.interval_minutes is not None
        return timedelta(minutes=self.interval_minutes)

    @property
    def spread_offset(self) -> timedelta:
        """The offset of all due times, from 0 to spread_seconds, included; the same in every process and release."""
        if not self.spread_seconds:
            return timedelta()
        digest = blake2b(self.spread_key.encode(), digest_size=8).digest()
        return timedelta(seconds=int.from_bytes(digest) % (self.spread_seconds + 1))


def grid_anchor(start_time: datetime | None, start_at: datetime | None, created_at: datetime) -> datetime:
    """Return where an interval's grid begins: the given start time, else start_at, else the minute of creation."""
    return start_time or start_at or created_at.replace(second=0, microsecond=0)
