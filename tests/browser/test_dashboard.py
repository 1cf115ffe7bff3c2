"""The overview: its three pictures, what stands there while there is nothing to draw, and that all can be read."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from scheduling.acts import runs, tasks
from scheduling.models import Run, RunStatus, ScheduledTask, ScheduleType, Trigger
from tenants.access import SYSTEM
from testing.actors import ANN
from testing.world import World, page
from tests.browser.conftest import Open

SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])
TEXT, SHAPE = 4.5, 3.0  # WCAG 2.2: 1.4.3 and 1.4.11
STATUSES = ("success", "failed", "missed", "skipped", "canceled")

# {variable: its contrast with the panels' background}; a canvas knows what a colour of any notation is in numbers.
CONTRASTS = """(names) => {
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const valueOf = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
    const light = (name) => {
        context.fillStyle = valueOf(name);
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue] = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) =>
            part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (one, other) => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    return Object.fromEntries(names.map((name) => [name, contrast(light(name), light("--paper"))]));
}"""
# Has the picture a pixel in the colour of that variable, which is written as #rrggbb?
PAINTED = """([chart, name]) => {
    const canvas = document.querySelector(`#${chart} canvas`);
    const wanted = getComputedStyle(document.body).getPropertyValue(name).trim();
    const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
        const hex = [...data.slice(at, at + 3)].map((part) => part.toString(16).padStart(2, "0")).join("");
        if (data[at + 3] === 255 && `#${hex}` === wanted) return true;
    }
    return false;
}"""


def expect_painted(shown: Page, chart: str, variable: str) -> None:
    """Charts are drawn soon after the page, and after a change of the theme."""
    shown.wait_for_function(PAINTED, arg=[chart, variable])


@pytest.fixture
def busy(world: World) -> World:
    """Runs of each end, on days of the last fortnight; one of them begun by schedule within the hour."""
    now = timezone.now()
    for days, status in enumerate(STATUSES):
        for _ in range(1 + days):
            run = runs.run_now(world.task, ANN, now - timedelta(days=days))
            Run.objects.filter(pk=run.pk).update(status=status)
    late = runs.run_now(world.task, ANN, now - timedelta(minutes=1))
    Run.objects.filter(pk=late.pk).update(
        status=RunStatus.SUCCESS,
        trigger=Trigger.SCHEDULE,
        due_at=now - timedelta(minutes=1),
        first_started_at=now - timedelta(seconds=58),
    )
    return world


@SCHEMES
def test_all_three_pictures_are_drawn(busy: World, open_page: Open, scheme: str) -> None:
    shown = open_page("/admin/", who="viewer", color_scheme=scheme)
    expect(shown.locator("#chart-days .u-legend .u-series")).to_have_count(1 + len(STATUSES))
    for status in STATUSES:
        expect_painted(shown, "chart-days", f"--chart-{status}")
    expect_painted(shown, "chart-lateness", "--chart-second")
    lane = shown.locator("#chart-coming .lane")
    expect(lane.get_by_role("link", name="our report")).to_have_attribute("href", page(busy.task, "overview"))
    expect(lane.locator(".lane-note")).to_have_text("08:00")
    assert lane.locator(".dot").first.get_attribute("title") == "08:00 · Every day at 08:00"


def test_a_picture_can_be_read_as_a_table(busy: World, open_page: Open) -> None:
    shown = open_page("/admin/", who="viewer")
    tables = shown.locator(".as-table")
    expect(tables).to_have_count(2)
    tables.first.locator("summary").click()
    expect(tables.first.locator("tbody tr")).to_have_count(14)
    tables.last.locator("summary").click()
    expect(tables.last.locator("tbody td").filter(has_text="2000 ms")).to_have_count(2)


def test_a_picture_follows_the_theme(busy: World, open_page: Open) -> None:
    shown = open_page("/admin/", color_scheme="light")
    light = shown.evaluate("getComputedStyle(document.body).getPropertyValue('--chart-success')")
    shown.get_by_role("button", name="A admin").click()
    shown.get_by_text("Dark", exact=True).click()
    dark = shown.evaluate("getComputedStyle(document.body).getPropertyValue('--chart-success')")
    assert light != dark
    expect_painted(shown, "chart-days", "--chart-success")


@SCHEMES
def test_what_is_written_and_drawn_can_be_told_from_the_paper(open_page: Open, scheme: str) -> None:
    shown = open_page("/admin/", color_scheme=scheme)
    texts = ["--muted", "--strong"]
    shapes = [f"--chart-{name}" for name in (*STATUSES, "first", "second")]
    contrasts = shown.evaluate(CONTRASTS, [*texts, *shapes])
    assert {
        name: found for name, found in contrasts.items() if found < (TEXT if name in texts else SHAPE)
    } == {}


@pytest.mark.parametrize(("who", "creates"), [("viewer", False), ("admin", True)])
def test_with_nothing_to_draw_it_says_so(world: World, open_page: Open, who: str, creates: bool) -> None:
    ScheduledTask.objects.all().delete()
    shown = open_page("/admin/", who=who)
    for text in (
        "Nothing has run in the last 14 days.",
        "No task is due in the next 24 hours.",
        "No scheduled run was due.",
    ):
        expect(shown.get_by_text(text)).to_be_visible()
    expect(shown.locator("#content canvas")).to_have_count(0)
    coming = shown.locator("section", has=shown.get_by_role("heading", name="Coming up"))
    for place, count in ((coming, 1), (shown.locator(".first-steps"), 1), (shown, 2)):
        expect(place.get_by_role("link", name="Create a task")).to_have_count(count * creates)


def test_a_bar_leads_to_the_runs_of_its_day(busy: World, open_page: Open) -> None:
    shown = open_page("/admin/", who="viewer")
    area = shown.locator("#chart-days .u-over")
    box = area.bounding_box()
    assert box
    area.click(
        position={"x": box["width"] - box["width"] / 28, "y": box["height"] / 2}
    )  # today's, the last of 14
    shown.wait_for_url(f"**/run/?day={timezone.localdate()}")
    expect(shown.locator("#result_list tbody tr")).to_have_count(2)


def test_the_numbers_follow_what_happens(world: World, open_page: Open) -> None:
    shown = open_page("/admin/", who="viewer")
    today = shown.locator("#dashboard-now .number dd > a").first
    expect(today).to_have_text("0")
    runs.run_now(world.task, ANN, timezone.now())
    expect(today).to_have_text("1")


def test_due_times_are_those_of_the_next_24_hours(world: World, open_page: Open) -> None:
    tasks.update(world.task.pk, hourly, SYSTEM, timezone.now())
    shown = open_page("/admin/", who="viewer")
    dots = shown.locator("#chart-coming .dot")
    expect(dots.nth(23)).to_be_attached()
    places = dots.evaluate_all("dots => dots.map((dot) => parseFloat(dot.style.left))")
    assert {round(later - earlier, 1) for earlier, later in pairwise(places)} == {
        4.2
    }  # percent: an hour of a day


def hourly(task: ScheduledTask) -> None:
    task.schedule_type, task.cron_expression = ScheduleType.CRON, "0 * * * *"
