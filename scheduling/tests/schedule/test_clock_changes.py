"""Due times where clocks change, written down by hand."""

from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from scheduling.schedule.calendars import Calendar
from scheduling.schedule.due import due_times
from scheduling.schedule.rule import Schedule

SHANGHAI, NEW_YORK, LONDON, LORD_HOWE = (
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
)

# Zone, cron expression, wall time after which it's asked, and the due times with their offsets.
TABLE = [
    # Shanghai had summer time from 1986 to 1991: at first from 02:00, on Sundays.
    (SHANGHAI, "30 2 * * *", "1986-05-03T12:00", ["1986-05-04T03:00+09:00", "1986-05-05T02:30+09:00"]),
    (SHANGHAI, "30 1 * * *", "1986-09-13T12:00", ["1986-09-14T01:30+09:00", "1986-09-15T01:30+08:00"]),
    (SHANGHAI, "*/30 1 * * *", "1986-09-13T12:00", ["1986-09-14T01:00+09:00", "1986-09-14T01:30+09:00",
                                                    "1986-09-14T01:00+08:00", "1986-09-14T01:30+08:00",
                                                    "1986-09-15T01:00+08:00"]),
    (SHANGHAI, "0 8 * * *", "1991-04-13T12:00", ["1991-04-14T08:00+09:00", "1991-04-15T08:00+09:00"]),
    (SHANGHAI, "30 2 * * *", "1991-04-13T12:00", ["1991-04-14T03:00+09:00", "1991-04-15T02:30+09:00"]),
    (SHANGHAI, "30 2 * * *", "1992-04-11T12:00", ["1992-04-12T02:30+08:00", "1992-04-13T02:30+08:00"]),
    # New York, 9 March 2025: 02:00 → 03:00.
    (NEW_YORK, "30 2 * * *", "2025-03-08T12:00", ["2025-03-09T03:00-04:00", "2025-03-10T02:30-04:00"]),
    (NEW_YORK, "0,30 2 * * *", "2025-03-08T12:00", ["2025-03-09T03:00-04:00", "2025-03-10T02:00-04:00"]),
    (NEW_YORK, "30 2,3 * * *", "2025-03-08T12:00", ["2025-03-09T03:00-04:00", "2025-03-09T03:30-04:00"]),
    (NEW_YORK, "0 30 2 * * *", "2025-03-08T12:00", ["2025-03-09T03:00-04:00", "2025-03-10T02:30-04:00"]),
    (NEW_YORK, "15 30 2 * * *", "2025-03-08T12:00", ["2025-03-09T03:00-04:00", "2025-03-10T02:30:15-04:00"]),
    (NEW_YORK, "*/30 2 * * *", "2025-03-08T12:00", ["2025-03-10T02:00-04:00", "2025-03-10T02:30-04:00"]),
    (NEW_YORK, "0 */2 * * *", "2025-03-09T00:00", ["2025-03-09T04:00-04:00", "2025-03-09T06:00-04:00"]),
    (NEW_YORK, "@hourly", "2025-03-09T00:30", ["2025-03-09T01:00-05:00", "2025-03-09T03:00-04:00"]),
    (NEW_YORK, "@daily", "2025-03-08T12:00", ["2025-03-09T00:00-05:00", "2025-03-10T00:00-04:00"]),
    # New York, 2 November 2025: 02:00 → 01:00.
    (NEW_YORK, "30 1 * * *", "2025-11-01T12:00", ["2025-11-02T01:30-04:00", "2025-11-03T01:30-05:00"]),
    (NEW_YORK, "0 30 1 * * *", "2025-11-01T12:00", ["2025-11-02T01:30-04:00", "2025-11-03T01:30-05:00"]),
    (NEW_YORK, "@hourly", "2025-11-02T00:30", ["2025-11-02T01:00-04:00", "2025-11-02T01:00-05:00",
                                               "2025-11-02T02:00-05:00"]),
    (NEW_YORK, "*/30 1 * * *", "2025-11-02T00:30", ["2025-11-02T01:00-04:00", "2025-11-02T01:30-04:00",
                                                    "2025-11-02T01:00-05:00", "2025-11-02T01:30-05:00",
                                                    "2025-11-03T01:00-05:00"]),
    # London, 30 March 2025: 01:00 → 02:00; 26 October: 02:00 → 01:00.
    (LONDON, "30 1 * * *", "2025-03-29T12:00", ["2025-03-30T02:00+01:00", "2025-03-31T01:30+01:00"]),
    (LONDON, "30 1 * * *", "2025-10-25T12:00", ["2025-10-26T01:30+01:00", "2025-10-27T01:30+00:00"]),
    (LONDON, "*/20 1 * * *", "2025-03-29T12:00", ["2025-03-31T01:00+01:00"]),
    # Lord Howe moves by half an hour: 5 October 2025: 02:00 → 02:30; 6 April: 02:00 → 01:30.
    (LORD_HOWE, "15 2 * * *", "2025-10-04T12:00", ["2025-10-05T02:30+11:00", "2025-10-06T02:15+11:00"]),
    (LORD_HOWE, "45 1 * * *", "2025-04-05T12:00", ["2025-04-06T01:45+11:00", "2025-04-07T01:45+10:30"]),
    (LORD_HOWE, "*/15 2 * * *", "2025-10-04T12:00", ["2025-10-05T02:30+11:00", "2025-10-05T02:45+11:00"]),
    (LORD_HOWE, "*/10 3 * * *", "2025-04-05T12:00", ["2025-04-06T03:00+10:30", "2025-04-06T03:10+10:30"]),
    (LORD_HOWE, "*/15 1 * * *", "2025-04-05T12:00", ["2025-04-06T01:00+11:00", "2025-04-06T01:15+11:00",
                                                     "2025-04-06T01:30+11:00", "2025-04-06T01:45+11:00",
                                                     "2025-04-06T01:30+10:30", "2025-04-06T01:45+10:30",
                                                     "2025-04-07T01:00+10:30"]),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "expression", "after", "expected"), TABLE)
def test_cron_where_clocks_change(zone: str, expression: str, after: str, expected: list[str]) -> None:
    schedule = Schedule("cron", cron_expression=expression, timezone=zone)
    assert due_after(schedule, after, len(expected)) == [datetime.fromisoformat(each) for each in expected]


@pytest.mark.parametrize(
    ("zone", "points", "after", "expected"),
    [
        (SHANGHAI, ("02:30",), "1986-05-03T12:00", ["1986-05-04T03:00+09:00", "1986-05-05T02:30+09:00"]),
        (SHANGHAI, ("01:30",), "1991-09-14T12:00", ["1991-09-15T01:30+09:00", "1991-09-16T01:30+08:00"]),
        (
            NEW_YORK,
            ("02:30:15",),
            "2025-03-08T12:00",
            ["2025-03-09T03:00-04:00", "2025-03-10T02:30:15-04:00"],
        ),
        (
            NEW_YORK,
            ("02:00", "02:30"),
            "2025-03-08T12:00",
            ["2025-03-09T03:00-04:00", "2025-03-10T02:00-04:00"],
        ),
        (LONDON, ("01:30",), "2025-10-25T12:00", ["2025-10-26T01:30+01:00", "2025-10-27T01:30+00:00"]),
        (LORD_HOWE, ("02:15",), "2025-10-04T12:00", ["2025-10-05T02:30+11:00", "2025-10-06T02:15+11:00"]),
    ],
)
def test_time_points_where_clocks_change(
    zone: str, points: tuple[str, ...], after: str, expected: list[str]
) -> None:
    schedule = Schedule("simple", time_points=points, timezone=zone)
    assert due_after(schedule, after, len(expected)) == [datetime.fromisoformat(each) for each in expected]


def test_an_interval_keeps_its_grid_in_real_time() -> None:
    anchor = datetime.fromisoformat("2025-03-08T12:00-05:00")
    schedule = Schedule("interval", interval_minutes=24 * 60, anchor=anchor, timezone=NEW_YORK)
    assert due_after(schedule, "2025-03-08T12:30", 1) == [datetime.fromisoformat("2025-03-09T13:00-04:00")]


def test_a_working_day_ends_with_its_second_midnight() -> None:
    """St John's put its clocks back from 00:01 to 23:01 of the day before."""
    saturday = Calendar("own", official=False, edited={date(2010, 11, 6): True})
    schedule = Schedule(
        "cron", cron_expression="*/30 23 * * *", timezone="America/St_Johns", calendar=saturday
    )
    expected = ["2010-11-06T23:00-02:30", "2010-11-06T23:30-02:30", "2010-11-06T23:30-03:30"]
    assert due_after(schedule, "2010-11-06T12:00", 3) == [datetime.fromisoformat(each) for each in expected]


def test_times_of_a_skipped_day_land_on_the_next_and_count_as_its_own() -> None:
    """Samoa had no 30 December 2011."""
    apia = ZoneInfo("Pacific/Apia")
    skipped_day, next_day = date(2011, 12, 30), date(2011, 12, 31)
    schedule = Schedule("simple", time_points=("08:00",), timezone="Pacific/Apia")
    midnight = datetime(2011, 12, 31, tzinfo=apia)
    assert due_after(schedule, "2011-12-29T12:00", 2) == [midnight, midnight.replace(hour=8)]
    only_skipped = Calendar("own", official=False, edited={skipped_day: True, next_day: False})
    on_calendar = replace(schedule, calendar=only_skipped)
    assert due_after(on_calendar, "2011-12-29T12:00", 2) == [midnight, datetime(2012, 1, 2, 8, tzinfo=apia)]


def due_after(schedule: Schedule, wall: str, count: int) -> list[datetime]:
    after = datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(schedule.timezone))
    return list(islice(due_times(schedule, after), count))
