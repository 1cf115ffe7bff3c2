from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduling.schedule.day_list import MAX_DAYS, SetDay, read_days
from scheduling.schedule.errors import ScheduleError

FIRST, TENTH = date(2026, 10, 1), date(2026, 10, 10)


@pytest.mark.parametrize(
    "line",
    [
        "2026-10-01, off, National Day",
        "2026-10-01\toff\tNational Day",
        "2026/10/1 off National Day",
        "20261001;OFF;National Day",
        "2026.10.01,holiday,National Day",
        "2026年10月1日 放假 National Day",
        "2026-10-01，休，National Day",
        '2026-10-01,0,"National Day"',
    ],
)
def test_a_line_is_read_as_people_write_it(line: str) -> None:
    assert read_days(line, default=True) == [SetDay(FIRST, False, "National Day")]


@pytest.mark.parametrize("word", ["work", "workday", "1", "true", "班", "上班", "补班"])
def test_a_make_up_day_is_worked(word: str) -> None:
    assert read_days(f"2026-10-10 {word}", default=False) == [SetDay(TENTH, True)]


@pytest.mark.parametrize("default", [True, False])
def test_a_line_that_does_not_say_takes_the_lists_default(default: bool) -> None:
    assert read_days("2026-10-01 国庆节", default) == [SetDay(FIRST, default, "国庆节")]
    assert read_days("2026-10-01", default) == [SetDay(FIRST, default)]


@pytest.mark.parametrize("between", ["..", "~", " ～ ", "至"])
def test_a_range_is_each_of_its_days(between: str) -> None:
    found = read_days(f"2026-09-30{between}2026-10-02, off, x", default=True)
    assert [day.date.isoformat() for day in found] == ["2026-09-30", "2026-10-01", "2026-10-02"]
    assert {day.name for day in found} == {"x"}


def test_a_heading_and_empty_lines_are_passed_over_and_the_last_line_of_a_day_counts() -> None:
    text = "date,state,name\n\n2026-10-10,off\n2026-10-01,off\n2026-10-10,work\n"
    assert read_days(text, default=True) == [SetDay(FIRST, False), SetDay(TENTH, True)]


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("2026-10-01\nnonsense", "day_line", 2),
        ("2026-02-30 off", "day_line", 1),
        ("2026-13-01", "day_line", 1),
        ("1850-01-01", "day_line", 1),
        ("2026-10-012", "day_line", 1),
        ("２０２６-10-01", "day_line", 1),
        ("2026-10-02..2026-10-01", "day_range", 1),
        ("2026-01-01..2027-01-02", "day_range", 1),
    ],
)
def test_what_can_not_be_read_is_named_by_its_line(text: str, code: str, line: int) -> None:
    with pytest.raises(ScheduleError) as error:
        read_days(text, default=False)
    assert (error.value.field, error.value.code, error.value.params["line"]) == ("days", code, line)
    assert error.value.text("zh")


def test_a_list_is_bounded() -> None:
    years = "\n".join(f"{year}-01-01..{year}-12-31" for year in range(2000, 2010))
    with pytest.raises(ScheduleError, match=str(MAX_DAYS)):
        read_days(years, default=False)


def test_days_that_are_said_again_and_again_are_counted_each_time() -> None:
    with pytest.raises(ScheduleError, match=str(MAX_DAYS)):
        read_days("1970-01-01~1970-12-31\n" * 10, default=False)


@given(st.text(st.sampled_from("0123456789-/.~至年月日 ,off班\n"), max_size=60), st.booleans())
def test_no_text_breaks_the_reader(text: str, default: bool) -> None:
    try:
        found = read_days(text, default)
    except ScheduleError:
        return
    assert [day.date for day in found] == sorted({day.date for day in found})
