"""The list of tasks: it fits with real names, and many tasks are tagged at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from scheduling.acts import runs, tasks
from scheduling.models import Run, RunStatus, ScheduledTask
from tenants.access import SYSTEM
from testing.world import World, listing, task
from tests.browser.conftest import Open
from tests.browser.test_accessibility import violations

TASKS = listing(ScheduledTask)
NAMES = [
    "华东大区线下门店每日销售汇总与库存预警推送（含退货、调拨及促销活动专项统计，抄送区域负责人）",
    "Nightly reconciliation of marketplace settlements against the general ledger, all regions",
    "nightly_export_of_customer_conversations_to_the_quality_team_with_attachments_and_scores_v2",
]
TAGS = ["华东大区", "reconciliation", "quality", "每天检查"]
BEYOND = "node => node.scrollWidth - node.clientWidth"
BELOW = "cells => Math.max(...cells.map(cell => cell.scrollHeight - cell.clientHeight))"
RUNS = 20


def busy_tasks(world: World) -> None:
    """Long names, tags and schedules, and more runs than a strip shows."""
    for name in NAMES:
        row = task(world.ours, name)

        def change(stored: ScheduledTask) -> None:
            stored.tags = TAGS
            stored.schedule_type, stored.cron_expression = "cron", "*/15 8-11,13-18 * 1,4,7,10 MON-FRI"

        tasks.update(row.pk, change, SYSTEM, timezone.now())
        for _ in range(RUNS):
            runs.run_now(row, SYSTEM, timezone.now())
    Run.objects.update(status=RunStatus.SUCCESS, duration_ms=1500, finished_at=timezone.now())


def beyond(shown: Page) -> tuple[int, int]:
    """How far the table is wider than its place, and the page than the window."""
    table = shown.locator("#result_list").locator("xpath=ancestor::*[@data-simplebar][1]")
    inner = table.locator(".simplebar-content-wrapper")
    place = inner.first if inner.count() else table
    return place.evaluate(BEYOND), shown.locator("html").evaluate(BEYOND)


@pytest.mark.parametrize("language", ["en-US", "zh-CN"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_list_fits_with_long_names(world: World, open_page: Open, width: int, language: str) -> None:
    busy_tasks(world)
    shown = open_page(TASKS, "superuser", language, viewport={"width": width, "height": 900})
    shown.wait_for_load_state("networkidle")
    expect(shown.locator(".strip.small").first.locator(".mark")).to_have_count(14)
    assert beyond(shown) == (0, 0)
    assert shown.locator("#result_list th:has(.task-cell)").evaluate_all(BELOW) <= 0
    for name in NAMES:
        expect(shown.locator("b", has_text=name)).to_be_visible()
    assert violations(shown) == []


def test_the_tab_key_passes_the_marks_by(world: World, open_page: Open) -> None:
    runs.run_now(world.task, SYSTEM, timezone.now() - timedelta(minutes=1))
    shown = open_page(TASKS, "operator")
    shown.get_by_role("link", name="our report").focus()
    shown.keyboard.press("Tab")
    expect(shown.get_by_role("switch")).to_be_focused()


def test_the_selected_tasks_are_tagged(world: World, open_page: Open) -> None:
    shown = open_page(TASKS)
    shown.locator("input.action-select").first.check()
    tags = shown.get_by_role("textbox", name="tags")
    action = shown.get_by_label("Select action to run")
    action.select_option("enable_selected")
    expect(tags).to_be_hidden()
    action.select_option("tag_selected")
    tags.fill("sales, daily")
    assert violations(shown) == []
    tags.press("Enter")
    expect(shown.get_by_text("1 task was changed.")).to_be_visible()
    expect(shown.locator(".tags > span")).to_have_text(["sales", "daily"])
