"""Failures: from the number in the side bar to the run that failed, and what one does there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from scheduling.models import FailureGroup, Run
from testing.world import World, listing, page
from tests.browser.conftest import Open
from tests.browser.showcase import showcase
from tests.browser.test_accessibility import violations

WIDTHS = {"wide": 1440, "narrow": 1280, "phone": 390}


@pytest.fixture
def failures(world: World) -> list[FailureGroup]:
    showcase(world.ours, timezone.now())
    return list(FailureGroup.objects.all())


def test_why_last_night_failed_is_two_clicks_away(failures: list[FailureGroup], open_page: Open) -> None:
    shown = open_page("/admin/", who="operator")
    expect(shown.locator(".badge")).to_have_text(str(len(failures)))
    shown.get_by_role("link", name="Failures").click()
    expect(shown.locator("#result_list tbody tr")).to_have_count(len(failures))
    expect(shown.locator(".badge")).to_have_count(0)
    shown.locator("#result_list th a").first.click()
    expect(shown.locator("pre.code")).to_contain_text(failures[0].error)


def test_all_are_run_again_by_one_button(failures: list[FailureGroup], open_page: Open) -> None:
    shown = open_page(listing(FailureGroup), who="operator")
    shown.once("dialog", lambda dialog: dialog.accept())
    shown.get_by_role("button", name="Run all again").first.click()
    expect(shown.get_by_text("started again")).to_be_visible()
    assert Run.objects.filter(trigger="rerun", task_id=failures[0].task_id).exists()


def test_it_is_muted_by_keyboard(failures: list[FailureGroup], open_page: Open) -> None:
    shown = open_page(page(failures[0]), who="operator")
    shown.get_by_role("link", name="Mute…").press("Enter")
    shown.get_by_label("How long").press("Tab")
    shown.keyboard.type("The supplier migrates.")
    shown.keyboard.press("Enter")
    expect(shown.get_by_text("The supplier migrates.")).to_be_visible()
    group = FailureGroup.objects.get(pk=failures[0].pk)
    assert group.state == "muted"
    assert group.muted_until is not None
    assert group.muted_until > timezone.now() + timedelta(hours=23)


@pytest.mark.parametrize(("language", "scheme"), [("en-US", "light"), ("zh-CN", "dark")])
def test_it_fits_and_nothing_serious_is_found(
    failures: list[FailureGroup],
    open_page: Open,
    picture: Callable[[Page, str], None],
    language: str,
    scheme: str,
) -> None:
    shown = open_page(listing(FailureGroup), who="operator", language=language, color_scheme=scheme)
    for name, width in WIDTHS.items():
        shown.set_viewport_size({"width": width, "height": 800})
        for address in (listing(FailureGroup), page(failures[0]), page(failures[0], "mute")):
            shown.goto(address)
            assert violations(shown) == []
        shown.goto(listing(FailureGroup))
        picture(shown, f"failures-{name}-{language}")
        right = shown.locator("#result_list tbody tr").first.evaluate(
            "row => row.getBoundingClientRect().right"
        )
        assert name == "phone" or right <= width
