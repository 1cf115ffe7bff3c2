"""A schedule put together by people who don't know cron."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from scheduling.models import ScheduledTask
from tests.browser.conftest import Open

ADD = "/admin/scheduling/scheduledtask/add/"


def cron_page(open_page: Open, expression: str = "", language: str = "en-US") -> Page:
    page = open_page(ADD, language=language)
    page.locator("[name=schedule_type]").select_option("cron")
    if expression:
        page.locator("[name=cron_expression]").fill(expression)
    return page


def pressed(page: Page, group: str) -> list[str]:
    return page.get_by_role("group", name=group).locator("[aria-pressed=true]").all_text_contents()


def test_time_points_are_chips_that_come_and_go(open_page: Open) -> None:
    page = open_page(ADD)
    for time in ("12:30", "08:00", "08:00"):
        page.get_by_label("Time of day").fill(time)
        page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".chip")).to_have_count(2)
    expect(page.locator("[name=time_points]")).to_have_value("08:00, 12:30")
    expect(page.locator("#schedule-preview li").first).to_contain_text(re.compile("(08:00|12:30):00"))
    page.get_by_role("button", name="Remove 08:00").click()
    expect(page.locator("[name=time_points]")).to_have_value("12:30")


def test_a_workday_schedule_is_picked_and_saved(open_page: Open) -> None:
    page = cron_page(open_page)
    expect(page.locator("[name=cron_expression]")).to_have_value("0 8 * * *")
    page.get_by_role("group", name="Hours").get_by_text("18").click()
    page.get_by_label("at minute").select_option("30")
    page.get_by_label("On which days").select_option("weekdays")
    for day in ("Mon", "Tue", "Fri"):
        page.get_by_role("group", name="Weekdays").get_by_text(day).click()
    expect(page.locator("[name=cron_expression]")).to_have_value("30 8,18 * * 1-2,5")
    expect(page.locator("#schedule-preview .said")).to_contain_text("08:30 and 18:30")
    expect(page.locator("#schedule-preview li")).to_have_count(10)
    page.locator("[name=task_name]").fill("picked")
    page.locator("summary", has_text="Advanced").click()
    page.locator("[name=is_enabled]").uncheck()
    page.locator("[name=_save]").click()
    expect(page.locator(".task-head h2")).to_have_text("picked")
    assert ScheduledTask.objects.get(task_name="picked").cron_expression == "30 8,18 * * 1-2,5"


def test_every_few_minutes_of_some_hours(open_page: Open) -> None:
    page = cron_page(open_page)
    page.get_by_label("How often").select_option("minutes")
    page.get_by_label("minutes between runs").select_option("10")
    page.get_by_label("from", exact=True).select_option("9")
    page.get_by_label("to", exact=True).select_option("17")
    expect(page.locator("[name=cron_expression]")).to_have_value("*/10 9-17 * * *")


def test_the_last_day_of_the_month_stands_alone(open_page: Open) -> None:
    page = cron_page(open_page)
    page.get_by_label("On which days").select_option("days")
    days = page.get_by_role("group", name="Days of the month")
    days.get_by_text("15", exact=True).click()
    days.get_by_text("last day").click()
    expect(page.locator("[name=cron_expression]")).to_have_value("0 8 L * *")
    days.get_by_text("1", exact=True).click()
    expect(page.locator("[name=cron_expression]")).to_have_value("0 8 1 * *")


@pytest.mark.parametrize(
    ("expression", "how_often", "group", "chosen"),
    [
        ("15 6,22 * * *", "times", "Hours", ["06", "22"]),
        ("0 9 * * MON-FRI", "times", "Weekdays", ["Mon", "Tue", "Wed", "Thu", "Fri"]),
        ("*/15 9-18 * * 7", "minutes", "Weekdays", ["Sun"]),
        ("5 */6 1,15 * *", "hours", "Days of the month", ["1", "15"]),
        ("@monthly", "times", "Days of the month", ["1"]),
    ],
)
def test_an_expression_written_by_hand_is_shown_by_the_pickers(
    open_page: Open, expression: str, how_often: str, group: str, chosen: list[str]
) -> None:
    page = cron_page(open_page, expression)
    expect(page.get_by_label("How often")).to_have_value(how_often)
    assert pressed(page, group) == chosen
    expect(page.locator("[name=cron_expression]")).to_have_value(expression)


@pytest.mark.parametrize(
    "expression", ["0 9 * * 1#2", "30 0 9 * * *", "1-59/7 * * * *", "0 9 1 * 1", "0,30 8,12 * * *"]
)
def test_an_expression_beyond_the_pickers_stays_as_it_is_written(open_page: Open, expression: str) -> None:
    page = cron_page(open_page, expression)
    expect(page.locator(".pickers")).to_be_hidden()
    expect(page.locator(".picker-beyond")).to_be_visible()
    expect(page.locator("[name=cron_expression]")).to_have_value(expression)
    expect(page.locator("#schedule-preview li")).to_have_count(10)


def test_the_reader_is_warned_when_no_due_time_will_come(open_page: Open) -> None:
    page = cron_page(open_page, "0 8 * * *")
    page.locator("summary", has_text="Advanced").click()
    page.locator("[name=end_at_0]").fill("2001-01-01")
    page.locator("[name=end_at_1]").fill("00:00:00")
    expect(page.locator("#schedule-preview .problem")).to_contain_text("it won't fire again")
    page = cron_page(open_page, "0 0 30 2 *", "zh-CN")
    expect(page.locator(".field-cron_expression .problem")).to_contain_text("永远不会触发")
    expect(page.locator("#schedule-preview li")).to_have_count(0)


def test_the_usual_intervals_are_one_press_away(open_page: Open) -> None:
    page = open_page(ADD)
    page.locator("[name=schedule_type]").select_option("interval")
    page.get_by_role("button", name="2 hours", exact=True).click()
    expect(page.locator("[name=interval_minutes]")).to_have_value("120")
    expect(page.locator("#schedule-preview .said")).to_contain_text("Every 2 hours")


def test_once_names_its_one_instant(open_page: Open) -> None:
    page = open_page(ADD)
    page.locator("[name=schedule_type]").select_option("once")
    page.locator("[name=run_at_0]").fill("2099-01-05")
    page.locator("[name=run_at_1]").fill("08:00:00")
    expect(page.locator("#schedule-preview li")).to_have_text(["2099-01-05 08:00:00 (Mon)"])


def test_a_group_of_toggles_is_one_stop_of_the_keyboard(open_page: Open) -> None:
    page = cron_page(open_page, "0 8 * * *")
    hours = page.get_by_role("group", name="Hours")
    hours.get_by_text("08").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.locator("[name=cron_expression]")).to_have_value("0 8-9 * * *")
    page.keyboard.press("Tab")
    expect(page.get_by_label("On which days")).to_be_focused()
