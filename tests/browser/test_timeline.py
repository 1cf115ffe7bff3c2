"""The nodes of a Dify run, seen while it runs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from scheduling.acts import runs
from scheduling.models import Run, RunStatus
from scheduling.tests.admin.test_timeline import span
from testing.actors import ANN
from testing.world import World, page
from tests.browser.conftest import Open


@pytest.fixture
def run(world: World) -> Run:
    run = runs.run_now(world.task, ANN, timezone.now())
    began = timezone.now() - timedelta(seconds=20)
    Run.objects.filter(pk=run.pk).update(
        execution_type="dify", status=RunStatus.RUNNING, started_at=began, result=None
    )
    return run


def draw(run: Run, *spans: dict[str, Any]) -> None:
    Run.objects.filter(pk=run.pk).update(timeline={"spans": spans, "left_out": 0})


def test_nodes_appear_and_grow_while_the_run_goes_on(open_page: Open, run: Run) -> None:
    shown = open_page(page(run), who="viewer")
    panel, bars = shown.locator("#run-timeline"), shown.locator("#run-timeline tbody tr")
    expect(panel).to_have_count(0)
    draw(run, span("Retrieve orders", 0, None, status="running"))
    expect(bars).to_have_count(1)
    expect(bars).to_contain_text("running")
    draw(run, span("Retrieve orders", 0, 2), span("Summarise", 2, None, status="running"))
    expect(bars).to_have_count(2)
    expect(bars.first).to_contain_text("2.00 s")
    end = panel.locator(".axis span").last
    before = end.inner_text()
    expect(end).not_to_have_text(before)
    draw(run, span("Retrieve orders", 0, 2), span("Summarise", 2, 5))
    Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCESS)
    expect(shown.get_by_role("button", name="Cancel")).to_have_count(0)
    expect(bars.last).to_contain_text("3.00 s")
    expect(end).to_have_text("5.0 s")


def test_bars_are_as_wide_as_their_axis(open_page: Open, run: Run) -> None:
    draw(run, span("Retrieve orders", 0, 5), span("Summarise", 5, 10))
    Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCESS)
    shown = open_page(page(run), who="viewer")
    axis = shown.locator("#run-timeline .axis div").bounding_box()
    bars = shown.locator("#run-timeline svg").first.bounding_box()
    assert axis
    assert bars
    assert abs(axis["width"] - bars["width"]) < 2
