from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from scheduling.schedule.calendars import BUILT_IN, MONDAY_TO_FRIDAY, Calendar
from scheduling.schedule.due import between, due_times, next_due
from scheduling.schedule.rule import Schedule, grid_anchor
from scheduling.tests.schedule.brute_force import instant

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAILY = Schedule("simple", time_points=("08:00", "12:30"))
EVERY_SECOND = Schedule("cron", cron_expression="* * * * * *")


def shanghai(wall: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=SHANGHAI)


def shown(schedule: Schedule, after: str, count: int) -> list[str]:
    """Due times as the clock in Shanghai shows them."""
    found = islice(due_times(schedule, shanghai(after)), count)
    return [f"{due_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}".removesuffix(":00") for due_at in found]


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        # The 13th or a Friday, not only Friday the 13th.
        ("0 0 13 * 5", "2026-02-01", ["2026-02-06 00:00", "2026-02-13 00:00", "2026-02-20 00:00"]),
        ("0 0 13 * 5", "2026-01-09", ["2026-01-13 00:00", "2026-01-16 00:00"]),
        # A field that begins with a star makes it “and”.
        ("0 0 */13 * 5", "2026-01-01", ["2026-02-27 00:00", "2026-03-27 00:00"]),
        ("0 0 13 * *", "2026-01-20", ["2026-02-13 00:00", "2026-03-13 00:00"]),
        # Month ends.
        ("0 0 31 * *", "2026-01-15", ["2026-01-31 00:00", "2026-03-31 00:00", "2026-05-31 00:00"]),
        ("0 0 30 * *", "2026-01-31", ["2026-03-30 00:00"]),
        ("59 23 L * *", "2026-01-15", ["2026-01-31 23:59", "2026-02-28 23:59", "2026-03-31 23:59"]),
        ("0 0 LW * *", "2026-01-15", ["2026-01-30 00:00", "2026-02-27 00:00", "2026-03-31 00:00"]),
        ("0 0 L 2 *", "2027-03-01", ["2028-02-29 00:00", "2029-02-28 00:00"]),
        # 29 February, also over 2100, which has none.
        ("0 0 29 2 *", "2026-01-01", ["2028-02-29 00:00", "2032-02-29 00:00"]),
        ("0 0 29 2 *", "2096-03-01", ["2104-02-29 00:00"]),
        ("0 0 * 2 MON#5", "2026-01-01", ["2044-02-29 00:00"]),
        ("0 0 31 12 *", "2026-12-31", ["2027-12-31 00:00"]),
        # Names, nth and last weekdays.
        ("30 8 * JAN,MAR mon#2", "2026-01-01", ["2026-01-12 08:30", "2026-03-09 08:30", "2027-01-11 08:30"]),
        ("0 18 * * 5L", "2026-01-01", ["2026-01-30 18:00", "2026-02-27 18:00"]),
        ("0 0 * * 0,7", "2026-01-01", ["2026-01-04 00:00", "2026-01-11 00:00"]),
        # Six fields: seconds first.
        ("*/20 * * * * *", "2026-01-01 00:00:19", ["2026-01-01 00:00:20", "2026-01-01 00:00:40"]),
        ("15,45 30 8 * * *", "2026-01-01 08:30:15", ["2026-01-01 08:30:45", "2026-01-02 08:30:15"]),
        ("0 0 8 1 * *", "2026-01-01 08:00", ["2026-02-01 08:00"]),
        # Words.
        ("@hourly", "2026-01-01 00:30", ["2026-01-01 01:00", "2026-01-01 02:00"]),
        ("@Daily", "2026-01-01", ["2026-01-02 00:00"]),
        ("@midnight", "2026-01-01", ["2026-01-02 00:00"]),
        ("@weekly", "2026-01-01", ["2026-01-04 00:00"]),
        ("@monthly", "2026-01-01", ["2026-02-01 00:00"]),
        ("@yearly", "2026-01-01", ["2027-01-01 00:00"]),
        ("@annually", "2026-01-01", ["2027-01-01 00:00"]),
    ],
)
def test_cron(expression: str, after: str, expected: list[str]) -> None:
    assert shown(Schedule("cron", cron_expression=expression), after, len(expected)) == expected


def test_time_points_fire_every_day_in_order_and_once_each() -> None:
    schedule = Schedule("simple", time_points=("12:30", "08:00", "08:00:00", "08:00:30"))
    assert shown(schedule, "2026-01-01 08:00", 4) == [
        "2026-01-01 08:00:30",
        "2026-01-01 12:30",
        "2026-01-02 08:00",
        "2026-01-02 08:00:30",
    ]


def test_due_times_are_utc_and_strictly_after() -> None:
    [due_at] = between(DAILY, shanghai("2026-01-01 08:00"), shanghai("2026-01-01 12:30"), limit=5)
    assert due_at == instant(2026, 1, 1, 4, 30)
    assert due_at.tzinfo is UTC


def test_between_stops_at_its_limit() -> None:
    begin = instant(2026, 1, 1)
    assert between(EVERY_SECOND, begin, begin + timedelta(days=1), limit=2) == [
        begin + timedelta(seconds=1),
        begin + timedelta(seconds=2),
    ]


def test_an_interval_begins_at_its_anchor_and_never_before() -> None:
    schedule = Schedule("interval", interval_minutes=15, anchor=shanghai("2026-01-01 10:03"))
    assert shown(schedule, "2025-12-01", 2) == ["2026-01-01 10:03", "2026-01-01 10:18"]
    assert shown(schedule, "2026-01-01 10:17", 1) == ["2026-01-01 10:18"]


def test_the_anchor_is_the_start_time_else_start_at_else_the_minute_of_creation() -> None:
    start_time, start_at, created_at = instant(2026, 1, 1), instant(2026, 1, 2), instant(2026, 1, 3, 9, 5, 40)
    assert grid_anchor(start_time, start_at, created_at) == start_time
    assert grid_anchor(None, start_at, created_at) == start_at
    assert grid_anchor(None, None, created_at) == instant(2026, 1, 3, 9, 5)


def test_times_may_be_given_in_any_zone() -> None:
    new_york = ZoneInfo("America/New_York")
    anchor = datetime(2026, 3, 7, 12, tzinfo=new_york)
    daily = Schedule("interval", interval_minutes=1440, anchor=anchor, timezone="America/New_York")
    clocks_changed = datetime(2026, 3, 8, 13, tzinfo=new_york)
    assert next_due(daily, anchor) == clocks_changed
    assert next_due(replace(daily, start_at=clocks_changed), anchor) == clocks_changed
    assert next_due(daily, clocks_changed) == instant(2026, 3, 9, 17)


def test_once_fires_once() -> None:
    run_at = instant(2026, 1, 1, 9)
    schedule = Schedule("once", run_at=run_at)
    assert list(due_times(schedule, run_at - timedelta.resolution)) == [run_at]
    assert list(due_times(schedule, run_at)) == []


def test_validity_includes_both_ends() -> None:
    schedule = replace(DAILY, start_at=shanghai("2026-01-02 08:00"), end_at=shanghai("2026-01-03 08:00"))
    assert shown(schedule, "2026-01-01", 9) == ["2026-01-02 08:00", "2026-01-02 12:30", "2026-01-03 08:00"]


def test_the_spread_delays_every_due_time_of_a_task_alike() -> None:
    spread = replace(DAILY, spread_seconds=600, spread_key="41")
    delay, after = spread.spread_offset, instant(2026, 1, 1)
    on_time = list(islice(due_times(DAILY, after), 6))
    assert timedelta(0) < delay <= timedelta(seconds=600)
    assert list(islice(due_times(spread, after + delay), 6)) == [due_at + delay for due_at in on_time]


def test_the_spread_offset_is_the_same_in_every_process_and_release() -> None:
    offsets = [replace(DAILY, spread_seconds=300, spread_key=str(task)).spread_offset for task in (1, 2, 3)]
    assert offsets == [timedelta(seconds=seconds) for seconds in (30, 155, 74)]


def test_a_thousand_tasks_are_spread_evenly() -> None:
    offsets = [replace(DAILY, spread_seconds=9, spread_key=str(task)).spread_offset for task in range(1000)]
    counts = [offsets.count(timedelta(seconds=second)) for second in range(10)]
    assert sum(counts) == 1000
    assert min(counts) > 60


def test_a_due_time_that_its_spread_moved_past_now_is_still_ahead() -> None:
    spread = replace(DAILY, spread_seconds=86_400, spread_key="7")
    late = shanghai("2026-01-01 08:00") + spread.spread_offset
    assert next_due(spread, late - timedelta.resolution) == late


CN = BUILT_IN["cn_workday"]


def test_skip_leaves_out_days_off_and_keeps_make_up_days() -> None:
    schedule = Schedule("simple", time_points=("09:00",), calendar=CN)
    # Spring Festival 2026: Saturday 14 February is worked, 15 to 23 are free.
    assert shown(schedule, "2026-02-13", 4) == [
        "2026-02-13 09:00",
        "2026-02-14 09:00",
        "2026-02-24 09:00",
        "2026-02-25 09:00",
    ]


def test_holidays_are_every_day_that_is_no_working_day() -> None:
    schedule = Schedule("simple", time_points=("09:00",), calendar=BUILT_IN["cn_holiday"])
    assert shown(schedule, "2026-02-12", 3) == ["2026-02-15 09:00", "2026-02-16 09:00", "2026-02-17 09:00"]


def test_shift_keeps_the_wall_time_and_merges_what_meets() -> None:
    saturdays = Schedule("cron", cron_expression="0 9 * * SAT,SUN", calendar=CN, calendar_policy="shift")
    assert shown(saturdays, "2026-02-06", 4) == [
        "2026-02-09 09:00",  # both days of the weekend before
        "2026-02-14 09:00",  # worked
        "2026-02-24 09:00",  # 15, 21 and 22 February
        "2026-02-28 09:00",  # worked
    ]


def test_shift_interleaves_the_moved_times_with_the_days_own() -> None:
    schedule = Schedule(
        "cron", cron_expression="0 9-11 * * 5,6", calendar=MONDAY_TO_FRIDAY, calendar_policy="shift"
    )
    monday = replace(schedule, cron_expression="30 8,10 * * 1")
    assert shown(schedule, "2026-03-02 09:30", 2) == ["2026-03-02 10:00", "2026-03-02 11:00"]
    assert shown(monday, "2026-03-01", 2) == ["2026-03-02 08:30", "2026-03-02 10:30"]


def test_a_calendar_with_no_day_ends_the_search() -> None:
    never = Calendar("never", official=False, edited=NoDay())
    assert next_due(replace(EVERY_SECOND, calendar=never), instant(2026, 1, 1)) is None
    assert (
        next_due(replace(EVERY_SECOND, calendar=never, calendar_policy="shift"), instant(2026, 1, 1)) is None
    )


class NoDay(dict):  # type: ignore[type-arg]
    def __contains__(self, day: object) -> bool:
        return True

    def __missing__(self, day: object) -> bool:
        return False


def test_a_rule_that_its_calendar_never_meets_ends_the_search() -> None:
    saturdays = Schedule("cron", cron_expression="* * * * * SAT", calendar=MONDAY_TO_FRIDAY)
    assert next_due(saturdays, instant(2026, 1, 1)) is None


def test_a_rule_and_a_calendar_that_meet_too_late_end_the_search() -> None:
    def worked(year: int) -> Schedule:
        saturday = {date(year, 1, 1) + timedelta(days=n): True for n in range(7)}
        calendar = Calendar("once", official=False, edited=saturday)
        return Schedule("cron", cron_expression="0 9 * * SAT", calendar=calendar)

    assert shown(worked(2034), "2026-01-01", 1) == ["2034-01-07 09:00"]
    assert next_due(worked(2037), instant(2026, 1, 1)) is None


def test_a_leap_day_on_a_working_day_is_found_eight_years_ahead() -> None:
    leap_day = Schedule("cron", cron_expression="0 9 29 2 *", calendar=MONDAY_TO_FRIDAY)
    assert shown(leap_day, "2028-03-01", 1) == ["2036-02-29 09:00"]  # 2032-02-29 is a Sunday


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
@pytest.mark.parametrize("calendar", [None, MONDAY_TO_FRIDAY])
@pytest.mark.parametrize("rule", [DAILY, EVERY_SECOND, Schedule("interval", interval_minutes=5)])
def test_the_ends_of_time_are_no_error(zone: str, calendar: Calendar | None, rule: Schedule) -> None:
    schedule = replace(rule, timezone=zone, calendar=calendar)
    assert next_due(schedule, datetime.max.replace(tzinfo=UTC)) is None
    first = next_due(schedule, datetime.min.replace(tzinfo=UTC))
    assert first is None or first > datetime.min.replace(tzinfo=UTC)
