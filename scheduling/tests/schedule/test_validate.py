from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.schedule.errors import (
    ERROR_TEXTS,
    EndsBeforeStartError,
    MalformedCronError,
    MalformedValueError,
    MissingColumnError,
    NeverFiresError,
    ScheduleError,
)
from scheduling.schedule.rule import Schedule
from scheduling.schedule.validate import find_problems, validate
from scheduling.tests.schedule.brute_force import instant

DAILY = Schedule("simple", time_points=("08:00",))
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001


def cron(expression: str) -> Schedule:
    return Schedule("cron", cron_expression=expression)


@pytest.mark.parametrize(
    "schedule",
    [
        DAILY,
        replace(DAILY, time_points=("00:00", "23:59", "23:59:59")),
        replace(DAILY, timezone="UTC", spread_seconds=600),
        replace(DAILY, start_at=instant(2026, 1, 1), end_at=instant(2026, 1, 1)),
        Schedule("interval", interval_minutes=1),
        Schedule("once", run_at=instant(2026, 1, 1)),
        *map(
            cron,
            ["*/5 * * * *", "0 0 29 2 *", "0 0 31 * *", "0 0 * 2 MON#5", "0 0 30 2 1", "@daily", " @DAILY "],
        ),
        *map(cron, ["30 0 8 * * *", "0 0 L * 5L", "0 0 LW jan-mar mon-fri", "0 0 13 * 5", "0 0 1,15 * 1,3"]),
    ],
)
def test_a_good_schedule_passes(schedule: Schedule) -> None:
    assert list(find_problems(schedule)) == []
    validate(schedule)


@pytest.mark.parametrize(
    ("schedule", "kind", "field", "code"),
    [
        (Schedule("simple"), MissingColumnError, "time_points", "missing"),
        (Schedule("cron"), MissingColumnError, "cron_expression", "missing"),
        (Schedule("interval"), MissingColumnError, "interval_minutes", "missing"),
        (Schedule("once"), MissingColumnError, "run_at", "missing"),
        (replace(DAILY, time_points=("8:00",)), MalformedValueError, "time_points", "time_point"),
        (replace(DAILY, time_points=("24:00",)), MalformedValueError, "time_points", "time_point"),
        (replace(DAILY, time_points=("08:60",)), MalformedValueError, "time_points", "time_point"),
        (replace(DAILY, time_points=("08:00:60",)), MalformedValueError, "time_points", "time_point"),
        (replace(DAILY, time_points=("08:00", "noon")), MalformedValueError, "time_points", "time_point"),
        (replace(DAILY, time_points=("０8:00",)), MalformedValueError, "time_points", "time_point"),
        (replace(DAILY, time_points=("08:00\n",)), MalformedValueError, "time_points", "time_point"),
        (replace(DAILY, time_points=("08:00",) * 1441), MalformedValueError, "time_points", "time_points"),
        (Schedule("interval", interval_minutes=0), MalformedValueError, "interval_minutes", "range"),
        (Schedule("interval", interval_minutes=-5), MalformedValueError, "interval_minutes", "range"),
        (Schedule("interval", interval_minutes=10**9), MalformedValueError, "interval_minutes", "range"),
        (replace(DAILY, spread_seconds=-1), MalformedValueError, "spread_seconds", "range"),
        (replace(DAILY, spread_seconds=86_401), MalformedValueError, "spread_seconds", "range"),
        (replace(DAILY, timezone="Asia/Peking"), MalformedValueError, "timezone", "timezone"),
        (replace(DAILY, timezone="America"), MalformedValueError, "timezone", "timezone"),
        (replace(DAILY, timezone="../etc/passwd"), MalformedValueError, "timezone", "timezone"),
        (replace(DAILY, timezone="right/UTC"), MalformedValueError, "timezone", "timezone"),
        (replace(DAILY, timezone=""), MalformedValueError, "timezone", "timezone"),
        (replace(DAILY, start_at=NAIVE), MalformedValueError, "start_at", "naive"),
        (Schedule("once", run_at=NAIVE), MalformedValueError, "run_at", "naive"),
        (
            replace(DAILY, start_at=instant(2026, 1, 2), end_at=instant(2026, 1, 1)),
            EndsBeforeStartError,
            "end_at",
            "end_before_start",
        ),
        (cron("60 * * * *"), MalformedCronError, "cron_expression", "cron_minute"),
        (cron("* 24 * * *"), MalformedCronError, "cron_expression", "cron_hour"),
        (cron("* * 0 * *"), MalformedCronError, "cron_expression", "cron_day_of_month"),
        (cron("* * * 13 *"), MalformedCronError, "cron_expression", "cron_month"),
        (cron("* * * * 8"), MalformedCronError, "cron_expression", "cron_day_of_week"),
        (cron("* * * * MON#6"), MalformedCronError, "cron_expression", "cron_day_of_week"),
        (cron("60 * * * * *"), MalformedCronError, "cron_expression", "cron_second"),
        (cron("*/0 * * * *"), MalformedCronError, "cron_expression", "cron_minute"),
        (cron("5-1-3 * * * *"), MalformedCronError, "cron_expression", "cron_minute"),
        (cron("* * * *"), MalformedCronError, "cron_expression", "cron_field_count"),
        (cron("* * * * * * * *"), MalformedCronError, "cron_expression", "cron_field_count"),
        (cron("0 0 8 * * ? 2027"), MalformedCronError, "cron_expression", "cron_year"),
        (cron("0 0 8 ? * 2"), MalformedCronError, "cron_expression", "cron_quartz_weekday"),
        (cron("@reboot"), MalformedCronError, "cron_expression", "cron_word"),
        (cron("*" + " *" * 60), MalformedCronError, "cron_expression", "cron_too_long"),
        (cron("0 0 30 2 *"), NeverFiresError, "cron_expression", "never_fires"),
        (cron("0 0 31 4,6,9,11 *"), NeverFiresError, "cron_expression", "never_fires"),
        (cron("0 0 */3 2 MON#5"), NeverFiresError, "cron_expression", "never_fires"),
    ],
)
def test_a_wrong_schedule_names_its_column(
    schedule: Schedule, kind: type[ScheduleError], field: str, code: str
) -> None:
    [problem] = find_problems(schedule)
    assert (type(problem), problem.field, problem.code) == (kind, field, code)
    with pytest.raises(kind):
        validate(schedule)


@pytest.mark.parametrize(("column", "value"), [("schedule_type", "weekly"), ("calendar_policy", "wait")])
def test_an_unknown_choice_is_named(column: str, value: str) -> None:
    wrong: dict[str, Any] = {column: value}
    [problem] = find_problems(replace(DAILY, **wrong))
    assert (problem.field, problem.code, problem.params["value"]) == (column, "choice", value)


def test_every_column_at_fault_is_listed_once() -> None:
    schedule = Schedule("cron", cron_expression="* * *", timezone="Mars", spread_seconds=-1, start_at=NAIVE)
    assert [problem.field for problem in find_problems(schedule)] == [
        "cron_expression",
        "timezone",
        "spread_seconds",
        "start_at",
    ]


def test_a_problem_speaks_both_languages() -> None:
    [problem] = find_problems(cron("61 * * * *"))
    assert str(problem) == "Invalid minute field: “61”."
    assert problem.text("zh") == "分钟字段有误：“61”。"


def test_every_text_exists_in_both_languages() -> None:
    assert all(set(text) == {"zh", "en"} for text in ERROR_TEXTS.values())


characters = st.text(st.sampled_from("0123456789*/-,#L W@ſMONJAN٣²０\t"), max_size=30)
expressions = st.lists(characters, min_size=1, max_size=6).map(" ".join)


@settings(max_examples=500, deadline=None)
@given(expressions)
def test_no_expression_breaks_the_reader(expression: str) -> None:
    """Either it's accepted or a ScheduleError says why; nothing else comes out."""
    found = list(find_problems(cron(expression)))
    assert all(isinstance(problem, ScheduleError) and problem.text("zh") for problem in found)
