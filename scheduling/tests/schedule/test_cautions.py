from dataclasses import replace
from datetime import timedelta

import pytest

from scheduling.schedule.calendars import BUILT_IN, MONDAY_TO_FRIDAY
from scheduling.schedule.cautions import TEXTS, cautions
from scheduling.schedule.rule import Schedule
from scheduling.tests.schedule.brute_force import instant

NOW = instant(2026, 1, 5)
DAILY = Schedule("simple", time_points=("08:00",))
NIGHTLY = Schedule("simple", time_points=("02:30",), timezone="America/New_York")
UNCONFIRMED = BUILT_IN["cn_workday"]


def cautions_of(schedule: Schedule) -> list[tuple[str, dict[str, object]]]:
    return [(caution.code, caution.params) for caution in cautions(schedule, NOW)]


@pytest.mark.parametrize(
    "schedule",
    [
        DAILY,
        Schedule("interval", interval_minutes=15, timezone="America/New_York"),
        Schedule("once", run_at=NOW + timedelta(days=1)),
        replace(DAILY, timezone="America/New_York"),
        Schedule("cron", cron_expression="*/15 2 * * *", timezone="America/New_York"),
        replace(DAILY, calendar=MONDAY_TO_FRIDAY),
    ],
)
def test_an_ordinary_schedule_needs_no_caution(schedule: Schedule) -> None:
    assert cautions_of(schedule) == []


@pytest.mark.parametrize(
    ("schedule", "code"),
    [(replace(DAILY, end_at=NOW), "over"), (Schedule("once", run_at=NOW), "run_at_past")],
)
def test_what_lies_in_the_past_is_said_to(schedule: Schedule, code: str) -> None:
    assert cautions_of(schedule) == [(code, {})]


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule("cron", cron_expression="0 8 * * SAT", calendar=MONDAY_TO_FRIDAY),
        Schedule("once", run_at=instant(2026, 1, 10), calendar=MONDAY_TO_FRIDAY),
        Schedule("cron", cron_expression="0 8 1 * *", end_at=NOW + timedelta(days=3)),
    ],
)
def test_a_rule_without_due_time_ahead_is_said(schedule: Schedule) -> None:
    assert cautions_of(schedule) == [("no_due_time", {})]


def test_years_without_official_days_are_said_before_they_begin() -> None:
    later = instant(2149, 6, 1)
    on_workdays = replace(DAILY, calendar=UNCONFIRMED)
    assert [caution.params for caution in cautions(on_workdays, later)] == [{"year": 2149}, {"year": 2150}]
    ending = replace(on_workdays, end_at=instant(2149, 12, 1))
    assert [caution.params for caution in cautions(ending, later)] == [{"year": 2149}]


def test_a_year_that_somebody_entered_needs_no_caution() -> None:
    entered = UNCONFIRMED.based("own", "", {}, confirmed_years=[2149, 2150])
    assert cautions(replace(DAILY, calendar=entered), instant(2149, 6, 1)) == []


@pytest.mark.parametrize(
    "schedule",
    [
        NIGHTLY,
        replace(NIGHTLY, time_points=("01:00", "02:30", "09:00")),
        replace(NIGHTLY, spread_seconds=60, spread_key="3"),
        Schedule("cron", cron_expression="30 2 * * *", timezone="America/New_York"),
    ],
)
def test_a_wall_time_that_clocks_skip_is_said(schedule: Schedule) -> None:
    assert cautions_of(schedule) == [("skipped_time", {"named": "2026-03-08 02:30", "lands": "03:00"})]


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule("cron", cron_expression="30 2 * * 1", timezone="America/New_York"),
        replace(NIGHTLY, calendar=MONDAY_TO_FRIDAY),
        replace(NIGHTLY, end_at=instant(2026, 3, 1)),
    ],
)
def test_a_skipped_wall_time_that_is_not_due_on_that_day_is_not_said(schedule: Schedule) -> None:
    assert cautions_of(schedule) == []


def test_cautions_speak_both_languages() -> None:
    assert all(set(text) == {"zh", "en"} for text in TEXTS.values())
    [caution] = cautions(NIGHTLY, NOW)
    assert caution.text("en") == "Clocks skip 2026-03-08 02:30 on that day, so the task fires at 03:00."
    assert "2026-03-08 02:30" in caution.text("zh")
