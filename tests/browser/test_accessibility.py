"""axe finds nothing serious on the pages that people work with, in either language, light or dark."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.browser.showcase import showcase
from tests.world import World, page

BAD = {"serious", "critical"}


def violations(shown: Any) -> list[str]:
    found = Axe().run(shown).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} {node['failureSummary']}"
        for rule in found
        if rule["impact"] in BAD
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(("language", "scheme"), [("en-US", "light"), ("zh-CN", "dark")])
def test_nothing_serious_is_found_on_the_pages_of_tasks(
    world: World, open_page: Open, language: str, scheme: str
) -> None:
    task, _ = showcase(world.ours, timezone.now())
    shown = open_page("/admin/", who="superuser", language=language, color_scheme=scheme)
    found = {"dashboard": violations(shown)}
    shown.goto(page(task))
    expect(shown.locator(".editor.large .cm-line").first).to_be_visible()
    expect(shown.locator("#schedule-preview li").first).to_be_visible()
    found["task"] = violations(shown)
    shown.locator("[name=schedule_type]").select_option("cron")
    found["pickers"] = violations(shown)
    assert {name: list_ for name, list_ in found.items() if list_} == {}
