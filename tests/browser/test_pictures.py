"""The pages of the docs' pictures open without an error in the console, light and dark, in both languages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Page, expect

from testing.world import World
from tests.browser.conftest import Open
from tests.browser.showcase import showcase


@pytest.mark.parametrize(
    ("language", "suffix", "scheme"),
    [("en-US", "", "light"), ("zh-CN", "-zh", "light"), ("en-US", "", "dark")],
)
def test_the_main_pages_open_without_an_error(
    world: World,
    open_page: Open,
    picture: Callable[[Page, str], None],
    language: str,
    suffix: str,
    scheme: str,
) -> None:
    type(world.task).objects.all().delete()
    task, run = showcase(world.ours, timezone.now())
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "favicon" not in str(message.location):
            errors.append(message.text)

    page = open_page("/admin/", who="superuser", language=language, color_scheme=scheme)
    page.on("console", note)
    for name, path in {
        "dashboard": "/admin/",
        "tasks": "/admin/scheduling/scheduledtask/",
        "task": f"/admin/scheduling/scheduledtask/{task.pk}/",
        "run": f"/admin/scheduling/run/{run.pk}/change/",
    }.items():
        page.goto(path)
        expect(page.locator("#content")).to_be_visible()
        if scheme == "light":
            picture(page, f"{name}{suffix}")
    assert errors == []
