from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice, takewhile

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduling.schedule.calendars import BUILT_IN, Calendar
from scheduling.schedule.cron import parse_cron
from scheduling.schedule.describe import describe
from scheduling.schedule.language import Language
from scheduling.schedule.phrases import PHRASES
from scheduling.schedule.rule import Schedule
from scheduling.schedule.validate import find_problems
from scheduling.tests.schedule.brute_force import instant
from scheduling.tests.schedule.strategies import crons, time_points

CRON = [
    ("0 8 * * *", "每天 08:00", "Every day at 08:00"),
    ("*/15 * * * *", "每 15 分钟", "Every 15 minutes"),
    ("0 9 * * 1-5", "每周一至周五 09:00", "Every Monday to Friday at 09:00"),
    ("30 8 * * MON#2", "每月第 2 个星期一 08:30", "On the second Monday of the month at 08:30"),
    ("0 18 * * 5L", "每月最后一个星期五 18:00", "On the last Friday of the month at 18:00"),
    ("0 0 13 * 5", "每月 13 日或每周五 00:00", "On day 13 of the month or every Friday at 00:00"),
    (
        "0 0 1-7 * */2",
        "每月 1–7 日中的周二、周四、周六或周日 00:00",
        "On days 1–7 of the month when that is Tuesday, Thursday, Saturday or Sunday at 00:00",
    ),
    (
        "0 0 */10 * MON",
        "每月 1、11、21、31 日中的周一 00:00",
        "On days 1, 11, 21 and 31 of the month when that is Monday at 00:00",
    ),
    ("@hourly", "每小时第 0 分", "At minute 0 of every hour"),
    ("@yearly", "每年 1 月的 1 日 00:00", "On day 1 of January at 00:00"),
    ("@weekly", "每周日 00:00", "Every Sunday at 00:00"),
    ("5 * * * *", "每小时第 5 分", "At minute 5 of every hour"),
    ("*/25 * * * *", "每小时第 0、25、50 分", "At minutes 0, 25 and 50 of every hour"),
    (
        "*/5 8-18 * * 1-5",
        "每周一至周五，08:00–18:59 每 5 分钟",
        "Every Monday to Friday, every 5 minutes from 08:00 to 18:59",
    ),
    ("0 */2 * * *", "从 00:00 起每 2 小时", "Every 2 hours from 00:00"),
    (
        "5 */3 * * *",
        "每天 00:05、03:05、06:05、09:05、12:05、15:05、18:05、21:05",
        "Every day at 00:05, 03:05, 06:05, 09:05, 12:05, 15:05, 18:05 and 21:05",
    ),
    ("0 0 L 2 *", "每年 2 月的最后一天 00:00", "On the last day of February at 00:00"),
    (
        "0 9 LW * *",
        "每月最后一个周一至周五之间的日子 09:00",
        "On the last Monday-to-Friday day of the month at 09:00",
    ),
    ("*/10 * * * * *", "每 10 秒", "Every 10 seconds"),
    ("* * * * * *", "每秒", "Every second"),
    ("10,20 * * * * *", "每分钟第 10、20 秒", "At seconds 10 and 20 of every minute"),
    ("*/10 0-9 8,10 * * *", "8、10 点第 0–9 分每 10 秒", "Every 10 seconds of minutes 0–9 of hours 8 and 10"),
    ("15 30 9 1,15 * *", "每月 1、15 日 09:30:15", "On days 1 and 15 of the month at 09:30:15"),
    ("0 0 1 1,3 *", "每年 1、3 月的 1 日 00:00", "On day 1 of January and March at 00:00"),
    ("0 9 * 1 MON", "每年 1 月的每周一 09:00", "Every Monday in January at 09:00"),
    ("0 0 29 2 *", "每年 2 月的 29 日 00:00", "On day 29 of February at 00:00"),
    (
        "0 9,18 1-7 2 1,3",
        "每年 2 月的 1–7 日或每年 2 月的每周一、周三 09:00、18:00",
        "On days 1–7 of February or every Monday and Wednesday in February at 09:00 and 18:00",
    ),
    ("0 8-20 * * *", "08:00–20:00 每小时", "Every hour from 08:00 to 20:00"),
    ("0,30 9-17 * * *", "09:00–17:59 每 30 分钟", "Every 30 minutes from 09:00 to 17:59"),
    ("0 0 1-31 * 5", "每天 00:00", "Every day at 00:00"),
    ("0 0 * 3 *", "每年 3 月的每天 00:00", "Every day in March at 00:00"),
    (
        "0 9 * * 0,6,1#1",
        "每周六、周日、每月第 1 个星期一 09:00",
        "Every Saturday and Sunday and on the first Monday of the month at 09:00",
    ),
    ("* 9-17 * * *", "09:00–17:59 每分钟", "Every minute from 09:00 to 17:59"),
    (
        "*/25 * 3 * * *",
        "03:00–03:59 每分钟第 0、25、50 秒",
        "At seconds 0, 25 and 50 of every minute from 03:00 to 03:59",
    ),
    ("10 5 * * * *", "每小时第 5 分第 10 秒", "At second 10 of minute 5 of every hour"),
]

WORKDAY, HOLIDAY = BUILT_IN["cn_workday"], BUILT_IN["cn_holiday"]
FINANCE = Calendar("fin", name="财务")
WEEKEND = Calendar("weekend", official=False, weekdays=frozenset({6, 7}))
MORNING = Schedule("simple", time_points=("09:00",))
FIRST = Schedule("cron", cron_expression="0 9 1 * *")

OTHERS = [
    (
        replace(MORNING, time_points=("12:30", "08:00:00", "08:00:05")),
        "每天 08:00、08:00:05、12:30",
        "Every day at 08:00, 08:00:05 and 12:30",
    ),
    (replace(MORNING, calendar=WORKDAY), "工作日（含调休） 09:00", "On Chinese working days at 09:00"),
    (
        replace(MORNING, calendar=HOLIDAY),
        "节假日和周末（不含调休上班日） 09:00",
        "On Chinese days off at 09:00",
    ),
    (
        replace(FIRST, calendar=FINANCE),
        "每月 1 日 09:00，仅限日历“财务”的日子",
        "On day 1 of the month at 09:00, only on days of the calendar “财务”",
    ),
    (
        replace(FIRST, calendar=WORKDAY, calendar_policy="shift"),
        "每月 1 日 09:00，其他日子顺延至下一个工作日（含调休）",
        "On day 1 of the month at 09:00, on other days moved to the next Chinese working day",
    ),
    (Schedule("interval", interval_minutes=1), "每分钟", "Every minute"),
    (Schedule("interval", interval_minutes=15), "每 15 分钟", "Every 15 minutes"),
    (Schedule("interval", interval_minutes=90), "每 90 分钟", "Every 90 minutes"),
    (Schedule("interval", interval_minutes=60), "每小时", "Every hour"),
    (
        Schedule("interval", interval_minutes=1440, anchor=instant(2026, 1, 1, 1)),
        "每 24 小时，自 2026-01-01 09:00 起算",
        "Every 24 hours, counted from 2026-01-01 09:00",
    ),
    (
        Schedule("once", run_at=instant(2026, 1, 1, 1)),
        "2026-01-01 09:00 执行一次",
        "Once at 2026-01-01 09:00",
    ),
    (
        replace(MORNING, spread_seconds=300),
        "每天 09:00，错峰延后 0 至 300 秒",
        "Every day at 09:00, 0 to 300 s later to spread the load",
    ),
    (
        replace(MORNING, timezone="Europe/London"),
        "每天 09:00（Europe/London 时间）",
        "Every day at 09:00 (Europe/London time)",
    ),
    (
        replace(MORNING, start_at=instant(2026, 1, 1)),
        "每天 09:00，自 2026-01-01 08:00 起",
        "Every day at 09:00, from 2026-01-01 08:00",
    ),
    (
        replace(MORNING, end_at=instant(2026, 1, 1, 0, 0, 1)),
        "每天 09:00，至 2026-01-01 08:00:01 止",
        "Every day at 09:00, until 2026-01-01 08:00:01",
    ),
]


@pytest.mark.parametrize(("expression", "zh", "en"), CRON)
def test_cron_in_words(expression: str, zh: str, en: str) -> None:
    schedule = Schedule("cron", cron_expression=expression)
    assert (describe(schedule, "zh"), describe(schedule, "en")) == (zh, en)


@pytest.mark.parametrize(("schedule", "zh", "en"), OTHERS)
def test_schedules_in_words(schedule: Schedule, zh: str, en: str) -> None:
    assert (describe(schedule, "zh"), describe(schedule, "en")) == (zh, en)


def test_every_phrase_exists_in_both_languages() -> None:
    assert all(set(text) == {"zh", "en"} for text in PHRASES.values())


rules = st.one_of(
    st.booleans()
    .flatmap(lambda with_seconds: crons(with_seconds=with_seconds))
    .map(lambda case: Schedule("cron", cron_expression=case.expression)),
    time_points(with_seconds=True).map(lambda points: Schedule("simple", time_points=points)),
    st.integers(1, 100_000).map(lambda minutes: Schedule("interval", interval_minutes=minutes)),
    st.just(Schedule("once", run_at=instant(2026, 1, 1, 9))),
)


@st.composite
def schedules(draw: st.DrawFn) -> Schedule:
    return replace(
        draw(rules),
        calendar=draw(st.sampled_from([None, WORKDAY, HOLIDAY, FINANCE, WEEKEND])),
        calendar_policy=draw(st.sampled_from(["skip", "shift"])),
        timezone=draw(st.sampled_from(["Asia/Shanghai", "America/New_York"])),
        spread_seconds=draw(st.sampled_from([0, 60])),
        start_at=draw(st.sampled_from([None, instant(2026, 1, 1)])),
        end_at=draw(st.sampled_from([None, instant(2026, 2, 1)])),
    )


@settings(max_examples=400, deadline=None)
@given(schedules(), st.sampled_from(["zh", "en"]))
def test_every_valid_schedule_has_a_description(schedule: Schedule, language: Language) -> None:
    assume(not list(find_problems(schedule)))
    text = describe(schedule, language)
    assert text
    assert "{" not in text
    assert "  " not in text
    assert "None" not in text
    assert not schedule.cron_expression or schedule.cron_expression not in text


DAYS = [
    f"0 0 {dates} {months} {weekdays}"
    for dates in ["*", "1", "1-31", "1-7", "31", "L", "LW", "1,L", "*/2"]
    for months in ["*", "2", "1,3"]
    for weekdays in ["*", "5", "1-5", "0-6", "0,6", "MON#2", "5L", "*/2", "1,2#1"]
]
TIMES = [
    f"{second} {minute} {hour} * * *"
    for second in ["0", "5", "*", "*/20", "*/25", "10-20"]
    for minute in ["0", "5", "*", "*/15", "*/25", "0,30", "10-20"]
    for hour in ["*", "8", "8-18", "*/2", "8,10", "*/5"]
]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(("expressions", "span"), [(DAYS, timedelta(days=1461)), (TIMES, timedelta(days=1))])
def test_one_description_never_stands_for_two_meanings(
    expressions: list[str], span: timedelta, language: Language
) -> None:
    meanings: dict[str, list[datetime]] = {}
    begin = datetime(2026, 1, 1)  # noqa: DTZ001
    for expression in expressions:
        schedule = Schedule("cron", cron_expression=expression)
        if list(find_problems(schedule)):
            continue  # 31 February
        walls = parse_cron(expression).walls(begin)
        named = list(islice(takewhile(lambda wall: wall < begin + span, walls), 3000))
        assert meanings.setdefault(describe(schedule, language), named) == named
