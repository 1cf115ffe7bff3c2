"""An old cron expression fires here when it fired there: each is held against APScheduler's own trigger."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import takewhile

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given, settings
from hypothesis import strategies as st

from platform_site.importing.old_cron import NeverFiredError, UntranslatableError, translate
from scheduling.schedule.cron import parse_cron
from scheduling.schedule.errors import ScheduleError

BEGIN, END = datetime(2024, 1, 1), datetime(2028, 1, 1)  # noqa: DTZ001  wall times
SAME = [
    "* * 1 1 *",
    "*/7 8-18/3 1,15 * *",
    "0 9 * * *",
    "0 9 * * mon-fri",
    "0 9 * jan,jul-sep *",
    "0 9 */2 * tue",
    "5/20 0 31 12 *",
]
ANEW = {
    # Weekdays are counted from 0 = Monday, and a step counts from there.
    "0 9 * * 1": "0 9 * * TUE",
    "0 9 * * 0-4": "0 9 * * MON-FRI",
    "0 9 * * 5,6": "0 9 * * SAT,SUN",
    "0 9 * * */2": "0 9 * * MON,WED,FRI,SUN",
    "0 9 * * sat-sun": "0 9 * * SAT,SUN",
    "0 9 * * 0-6": "0 9 * * *",
    # A day must match both day fields.
    "0 9 1-7 * mon": "0 9 * * MON#1",
    "0 9 8-14 * 0,2": "0 9 * * MON#2,WED#2",
    "0 9 1-14 * fri": "0 9 * * FRI#1,FRI#2",
    "0 9 29-31 * fri": "0 9 * * FRI#5",
    "0 9 1 * mon": "0 9 */31 * mon",
    "0 9 1-5 * mon-fri": "0 9 */31,2-5 * mon-fri",
    "0 9 13 * sun": "0 9 13 * */7",
    "0 9 24,25 12 sat,sun": "0 9 24,25 12 */7,SAT",
    "0 9 1-31 * mon": "0 9 * * mon",
    "0 9 10-20 * 0-6": "0 9 10-20 * *",
    "0 9 */15,20 * 0": "0 9 */15,20 * MON",
    # The month's last day.
    "0 9 last * *": "0 9 L * *",
    "0 9 15,last * *": "0 9 15,L * *",
    "0 9 1,last * mon": "0 9 */31,L * mon",
    "0 9 last 1-6 sun": "0 9 L 1-6 */7",
    # What follows a name is overlooked; a step ends with its range.
    "0 9 * * mon#2": "0 9 * * MON",
    "0 9 * jan-mar/2 *": "0 9 * 1-3 *",
    "0-0/5 9 * * *": "0 9 * * *",
}
UNSAYABLE = ["0 9 13 * fri", "0 9 2-6 * mon-fri", "0 9 last * mon-fri", "0 9 15,last * sat"]
NEVER = [
    "", "0 9 * *", "0 0 9 * * *", "@daily", "60 9 * * *", "0 24 * * *", "0 9 0 * *", "0 9 * * 7", "0 9 * * fri-mon",
    "0 9 * * sun-tue", "0 9 * * L", "0 9 ? * *", "0 9 L * *", "0 9 15W * *", "0 9 * dec-jan *", "0 9 * * funday",
    "*/60 9 * * *", "*/0 9 * * *", "10-20/30 9 * * *", "0 9 * * */7", "0, 9 * * *", "0 9 5-1 * *", "-1 9 * * *",
]  # fmt: skip


def old_times(expression: str) -> Iterator[datetime]:
    trigger = CronTrigger.from_crontab(expression, timezone=UTC)
    at = trigger.get_next_fire_time(None, BEGIN.replace(tzinfo=UTC))
    while at is not None and at.year < END.year:
        yield at.replace(tzinfo=None)
        at = trigger.get_next_fire_time(at, at)


def new_times(expression: str) -> list[datetime]:
    return [*takewhile(lambda at: at < END, parse_cron(expression).walls(datetime(2023, 12, 31, 23, 59, 59)))]  # noqa: DTZ001


@pytest.mark.parametrize(("old", "new"), [*ANEW.items(), *((text, text) for text in SAME)])
def test_it_fires_here_when_it_fired_there(old: str, new: str) -> None:
    assert translate(old) == new
    assert new_times(new) == [*old_times(old)]


@pytest.mark.parametrize("expression", UNSAYABLE)
def test_what_cannot_be_said_is_not_guessed(expression: str) -> None:
    CronTrigger.from_crontab(expression)
    with pytest.raises(UntranslatableError):
        translate(expression)


@pytest.mark.parametrize("expression", NEVER)
def test_what_the_old_scheduler_refused_is_not_taken_for_something_else(expression: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  APScheduler has none of its own
        CronTrigger.from_crontab(expression)
    with pytest.raises(NeverFiredError):
        translate(expression)


def fields(low: int, high: int, names: str = "") -> st.SearchStrategy[str]:
    number = st.integers(low, high).map(str)
    span = st.tuples(number, number).map("-".join)
    step = st.tuples(st.one_of(st.just("*"), number, span), st.integers(0, high + 1).map(str)).map("/".join)
    name = st.sampled_from(names.split() or ["*"])
    item = st.one_of(st.just("*"), number, span, step, name, st.tuples(name, name).map("-".join))
    return st.one_of(item, st.lists(item, min_size=1, max_size=3).map(",".join))


EXPRESSIONS = st.tuples(
    st.sampled_from(["0", "30"]),
    st.sampled_from(["9", "0,12"]),
    fields(1, 31, "last"),
    fields(1, 12, "jan feb nov dec"),
    fields(0, 6, "mon tue sat sun mon#2"),
).map(" ".join)


@settings(max_examples=150)
@given(EXPRESSIONS)
def test_any_expression_fires_at_its_old_times_or_is_refused(old: str) -> None:
    try:
        expected = [*old_times(old)]
    except ValueError:
        expected = None
    try:
        new = translate(old)
    except NeverFiredError:
        assert expected is None
        return
    except UntranslatableError:
        return
    assert expected is not None
    try:
        assert new_times(new) == expected
    except ScheduleError:  # never, as the 30th of February
        assert expected == []


@pytest.mark.parametrize(("place", "low", "high"), [(0, 0, 59), (1, 0, 23)])
def test_minutes_and_hours_mean_the_same(place: int, low: int, high: int) -> None:
    @settings(max_examples=100)
    @given(fields(low, high))
    def check(text: str) -> None:
        parts = ["0", "0", "1", "1", "*"]
        parts[place] = text
        try:
            expected = [*old_times(" ".join(parts))]
        except ValueError:
            return
        assert new_times(translate(" ".join(parts))) == expected

    check()
