"""A calendar's year in a browser: clicked on, with and without JavaScript, on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from scheduling.acts import calendars
from scheduling.models import Calendar, CalendarDay
from tenants.access import SYSTEM
from testing.world import World, page
from tests.browser.conftest import Open

PHONE = {"width": 390, "height": 844}


@pytest.fixture
def shop(world: World) -> Calendar:
    return calendars.create(Calendar(tenant=world.ours, code="shop", name="Shop"), SYSTEM)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_click_changes_a_day_and_the_next_changes_it_back(
    open_page: Open, shop: Calendar, scripts: bool
) -> None:
    opened = open_page(f"{page(shop)}?year=2026", java_script_enabled=scripts)
    day = opened.locator('[value="2026-10-01"]')
    expect(day).to_have_class("day-holiday")
    day.click()
    expect(day).to_have_class("day-work edited")
    assert CalendarDay.objects.get(calendar=shop).is_workday
    day.click()
    expect(day).to_have_class("day-holiday")
    assert not CalendarDay.objects.exists()


def test_a_pasted_list_marks_its_days(open_page: Open, shop: Calendar) -> None:
    opened = open_page(f"{page(shop)}?year=2026")
    opened.locator("[name=days]").fill("2026-03-02..2026-03-04, off, Stocktaking")
    opened.get_by_role("button", name="Set these days").click()
    for day in ("02", "03", "04"):
        expect(opened.locator(f'[value="2026-03-{day}"]')).to_have_class("day-holiday edited")


def test_a_phone_shows_the_year_without_scrolling_aside(open_page: Open, shop: Calendar) -> None:
    opened = open_page(f"{page(shop)}?year=2026", viewport=PHONE)
    expect(opened.locator("#year-days")).to_be_visible()
    assert opened.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert opened.locator('[value="2026-10-01"]').bounding_box()["height"] >= 32  # type: ignore[index]
