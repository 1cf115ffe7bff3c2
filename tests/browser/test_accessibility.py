"""axe finds nothing serious on any page, in either language, light or dark."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from notifications.models import NotifyChannel
from scheduling.models import Run, ScheduledTask
from testing.every_page import a_row_of_everything, every_page
from testing.world import World, listing, page
from tests.browser.conftest import Open
from tests.browser.showcase import showcase

BAD = {"serious", "critical"}
SCHEMES = pytest.mark.parametrize(("language", "scheme"), [("en-US", "light"), ("zh-CN", "dark")])


def violations(shown: Page) -> list[str]:
    found: list[dict[str, Any]] = Axe().run(shown).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in BAD
        for node in rule["nodes"]
    ]


@SCHEMES
def test_nothing_serious_is_found_on_the_pages_of_tasks(
    world: World, open_page: Open, language: str, scheme: str
) -> None:
    task, _ = showcase(world.ours, timezone.now())
    shown = open_page("/admin/", who="superuser", language=language, color_scheme=scheme)
    found = {"dashboard": violations(shown)}
    shown.goto(page(task, "overview"))
    shown.locator("summary", has_text=re.compile("More|更多")).click()
    found["overview"] = violations(shown)
    shown.goto(page(task))
    expect(shown.locator(".editor.large .cm-line").first).to_be_visible()
    expect(shown.locator("#schedule-preview li").first).to_be_visible()
    found["task"] = violations(shown)
    shown.locator("[name=schedule_type]").select_option("cron")
    found["pickers"] = violations(shown)
    assert {name: list_ for name, list_ in found.items() if list_} == {}


@pytest.mark.timeout(900)  # some eighty pages
@SCHEMES
def test_nothing_serious_is_found_on_any_page(
    world: World, open_page: Open, language: str, scheme: str
) -> None:
    a_row_of_everything(world)
    shown = open_page("/admin/", who="superuser", language=language, color_scheme=scheme)
    pages = [*every_page(world.client("superuser").get("/admin/").wsgi_request, world)]
    pages += [page(world.task, "delete"), "/admin/password_change/", "/nothing"]
    found = {}
    for address in pages:
        shown.goto(address)
        if list_ := violations(shown):
            found[address] = list_
    assert found == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_is_found_where_something_has_opened_or_is_wrong(
    world: World, open_page: Open, scheme: str
) -> None:
    shown = open_page("/admin/login/", who="", color_scheme=scheme)
    found = {"log-in": violations(shown)}
    shown = open_page(listing(Run), who="superuser", color_scheme=scheme)
    shown.locator("#changelist a").filter(has_text="Filters").click()
    expect(shown.locator("#changelist-filter .select2-selection").first).to_be_visible()
    found["filters"] = violations(shown)
    shown.goto(listing(NotifyChannel) + "add/")
    shown.locator(".field-tenant .select2-selection").click()
    expect(shown.get_by_role("option", name="Their team")).to_be_visible()
    found["searching"] = violations(shown)
    for model in (NotifyChannel, ScheduledTask):
        shown.goto(listing(model) + "add/")
        shown.get_by_role("button", name="Save", exact=True).click()
        expect(shown.locator(".errornote, .errorlist").first).to_be_visible()
        found[f"refused {model.__name__}"] = violations(shown)
    assert {name: list_ for name, list_ in found.items() if list_} == {}
