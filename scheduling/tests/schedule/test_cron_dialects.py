"""Cron as people know it from other schedulers means what it means there, or is refused with what to write."""

from datetime import UTC

import pytest

from scheduling.schedule.cautions import cautions
from scheduling.schedule.cron import parse_cron
from scheduling.schedule.errors import MalformedCronError
from scheduling.schedule.rule import Schedule
from scheduling.tests.schedule.brute_force import instant

NOW = instant(2026, 1, 5)


def remarks(expression: str) -> list[str]:
    schedule = Schedule("cron", cron_expression=expression)
    return [f"{one.code} {one.params['value']}" for one in cautions(schedule, NOW) if "value" in one.params]


def refusal(expression: str) -> MalformedCronError:
    with pytest.raises(MalformedCronError) as caught:
        parse_cron(expression)
    return caught.value


@pytest.mark.parametrize(
    ("expression", "same_as"),
    [
        ("0 0/5 * * * ?", "0 */5 * * * *"),
        ("0 0 20 19 8 ?", "0 20 19 8 *"),
        ("0 15 10 ? * MON-FRI", "15 10 * * MON-FRI"),
        ("0 0 12 1 * ? *", "0 12 1 * *"),
        ("0 0 12 ? * FRIL", "0 12 * * 5L"),
        ("0 22-2 * * *", "0 22,23,0,1,2 * * *"),
        ("0 22-3/2 * * *", "0 22,0,2 * * *"),
        ("50-10/5 8 * * *", "50,55,0,5,10 8 * * *"),
        ("0 8 * * FRI-MON", "0 8 * * 5,6,0,1"),
        ("0 8 * * 7-2", "0 8 * * 0,1,2"),
        ("0 8 * * FRI-SUN,WED", "0 8 * * 5,6,0,3"),
        ("0 8 28-3 * *", "0 8 28,29,30,31,1,2,3 * *"),
        ("0 8 1 NOV-FEB *", "0 8 1 11,12,1,2 *"),
    ],
)
def test_it_fires_when_its_author_means(expression: str, same_as: str) -> None:
    cron, other = parse_cron(expression), parse_cron(same_as)
    begin = NOW.astimezone(UTC).replace(tzinfo=None)
    times = [list(zip(range(50), one.walls(begin), strict=False)) for one in (cron, other)]
    assert times[0] == times[1]


def test_a_question_mark_is_remarked_on() -> None:
    assert remarks("0 0/5 * * * ?") == ["cron_question_mark ?"]
    assert refusal("0 0 ? * * MON").code == "cron_hour"


@pytest.mark.parametrize(
    ("weekdays", "names"),
    [
        ("2-6", "MON-FRI"),
        ("1", "SUN"),
        ("6#3", "FRI#3"),
        ("6L", "FRIL"),
        ("7,1", "SAT,SUN"),
        ("2/2", "MON/2"),
    ],
)
def test_quartzs_numbers_of_weekdays_are_refused_with_their_names(weekdays: str, names: str) -> None:
    refused = refusal(f"0 0 12 ? * {weekdays}")
    assert (refused.code, refused.params["names"]) == ("cron_quartz_weekday", names)
    parse_cron(f"0 0 12 ? * {names}")


def test_numbers_of_weekdays_stay_crons_where_nothing_is_quartzs() -> None:
    assert parse_cron("0 0 12 * * 1-5").fields.weekdays == {1, 2, 3, 4, 5}


def test_a_year_is_refused_with_what_limits_a_task() -> None:
    refused = refusal("0 0 20 19 8 ? 2027")
    assert refused.code == "cron_year"
    assert all(
        column in text
        for column in ("start_at", "end_at")
        for text in (refused.text("en"), refused.text("zh"))
    )


@pytest.mark.parametrize("expression", ["*/90 * * * *", "0/90 * * * *", "0 */25 * * *"])
def test_a_step_longer_than_its_field_is_remarked_on(expression: str) -> None:
    (remark,) = remarks(expression)
    assert remark.startswith("cron_long_step ")


@pytest.mark.parametrize("expression", ["*/15 * * * *", "*/60 * * * *", "0 0 */31 * *"])
def test_an_ordinary_step_is_not(expression: str) -> None:
    assert remarks(expression) == []


@pytest.mark.parametrize(
    "expression", ["0 8 * * FRI-XYZ", "0 99-2 * * *", "0 22-2/0 * * *", "0 22-2-3 * * *"]
)
def test_what_is_wrong_stays_wrong(expression: str) -> None:
    refusal(expression)
