"""The log-in page in both languages, and what is shown once, to be copied."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from testing.world import World, page
from tests.browser.conftest import Open
from tests.browser.test_accessibility import violations

CLIPBOARD = ["clipboard-read", "clipboard-write"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_log_in_page_changes_its_language(world: World, open_page: Open, scheme: str) -> None:
    shown = open_page("/admin/login/?next=/admin/tenants/apitoken/", who="", color_scheme=scheme)
    expect(shown.get_by_role("button", name="Log in")).to_be_visible()
    assert violations(shown) == []
    shown.get_by_role("button", name="简体中文").click()
    expect(shown.get_by_role("button", name="登录")).to_be_visible()
    assert shown.url.endswith("?next=/admin/tenants/apitoken/")
    assert violations(shown) == []


def test_a_hooks_address_is_copied(world: World, open_page: Open) -> None:
    shown = open_page(page(world.task, "overview"), permissions=CLIPBOARD)
    shown.locator("summary", has_text="More").click()
    shown.get_by_role("button", name="Create a hook").click()
    shown.wait_for_url("**/hook/")
    copy = shown.locator(".once").get_by_role("button")
    copy.click()
    expect(copy).to_have_attribute("data-copied", "Copied")
    address = shown.get_by_label("Hook", exact=True).input_value()
    assert shown.evaluate("navigator.clipboard.readText()") == address
