"""The pages of a task: the overview first, the form as a tab, a run with other parameters."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from scheduling.acts import runs, tasks
from scheduling.models import Run, ScheduledTask
from tenants.access import SYSTEM
from testing.world import World, listing, page
from tests.browser.conftest import Open

ADD = listing(ScheduledTask) + "add/"
MAX_OPEN_FIELDS = 12
BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def change(task: ScheduledTask, **columns: object) -> None:
    def apply(row: ScheduledTask) -> None:
        for name, value in columns.items():
            setattr(row, name, value)

    tasks.update(task.pk, apply, SYSTEM, timezone.now())


def write(shown: Page, name: str, text: str) -> None:
    shown.locator(f":is(.field-{name}, .row-field:has([name={name}])) .cm-content").click()
    shown.keyboard.press("Control+a")
    shown.keyboard.insert_text(text)


def test_a_task_opens_with_its_overview_and_each_tab_has_an_address(world: World, open_page: Open) -> None:
    shown = open_page(listing(ScheduledTask))
    shown.get_by_role("link", name="our report").click()
    expect(shown.locator(".task-head h2")).to_be_visible()
    tabs = shown.get_by_role("navigation", name="Pages of the task")
    expect(tabs.locator("[aria-current=page]")).to_have_text("Overview")
    for name, address in {"Edit": "/change/", "Versions": "/versions/"}.items():
        tabs.get_by_role("link", name=name).click()
        expect(shown).to_have_url(re.compile(f"{address}$"))
        expect(tabs.locator("[aria-current=page]")).to_have_text(name)
    tabs.get_by_role("link", name="Messages").click()
    expect(shown).to_have_url(re.compile(rf"/delivery/\?task_id={world.task.pk}$"))


def test_the_switch_says_what_it_does(world: World, open_page: Open) -> None:
    shown = open_page(page(world.task, "overview"), who="operator")
    switch = shown.get_by_role("switch", name="Enabled: the schedule starts it.")
    switch.focus()
    shown.keyboard.press("Space")
    expect(
        shown.get_by_role("switch", name="Disabled: it runs only when somebody starts it.")
    ).to_be_visible()
    world.task.refresh_from_db()
    assert not world.task.is_enabled


def test_a_run_is_repeated_with_another_parameter(world: World, open_page: Open) -> None:
    run = runs.run_now(world.task, SYSTEM, timezone.now(), params={"day": "2026-03-01"})
    shown = open_page(page(world.task, "run_with") + f"?from={run.pk}", who="operator")
    expect(shown.locator(".cm-content")).to_contain_text("2026-03-01")
    write(shown, "params", "{nonsense")
    shown.get_by_role("button", name="Run", exact=True).click()
    expect(shown.locator(".row-field.wrong .problem")).to_be_visible()
    write(shown, "params", '{"day": "2026-03-02"}')
    shown.get_by_role("button", name="Run", exact=True).click()
    expect(shown).to_have_url(re.compile(r"/admin/scheduling/run/\d+/change/"))
    assert Run.objects.latest("pk").params == {"day": "2026-03-02"}


def test_a_window_is_asked_for_where_the_task_has_windows(world: World, open_page: Open) -> None:
    change(world.task, schedule_type="interval", interval_minutes=60, use_windows=True)
    shown = open_page(page(world.task, "run_with"), who="operator")
    shown.get_by_label("Window from").fill("2026-03-01T08:00:00")
    shown.get_by_label("Window to").fill("2026-03-01T09:00:00")
    shown.get_by_role("button", name="Run", exact=True).click()
    expect(shown.get_by_text("the start of the next window does not change")).to_be_visible()
    [run] = Run.objects.all()
    assert run.window_end is not None
    assert run.window_start == run.window_end - timedelta(hours=1)


def test_the_task_is_copied_as_yaml(world: World, open_page: Open) -> None:
    shown = open_page(page(world.task, "overview"), permissions=["clipboard-read", "clipboard-write"])
    shown.locator("summary", has_text="More").click()
    copy = shown.get_by_role("link", name="Copy as YAML")
    copy.click()
    expect(copy).to_have_attribute("data-copied", "Copied")
    assert "task_name: our report" in shown.evaluate("navigator.clipboard.readText()")


def test_the_request_is_copied(world: World, open_page: Open) -> None:
    shown = open_page(page(world.task, "overview"), permissions=["clipboard-read", "clipboard-write"])
    shown.locator("summary", has_text="More").click()
    copy = shown.get_by_role("button", name="Copy as curl")
    copy.click()
    expect(copy).to_have_attribute("data-copied", "Copied")
    text = shown.evaluate("navigator.clipboard.readText()")
    assert re.search(rf"^curl -X POST .*/api/scheduled-tasks/{world.task.pk}/run", text)


def test_a_fresh_form_is_short_and_not_wrong(open_page: Open) -> None:
    shown = open_page(ADD)
    shown.wait_for_load_state("networkidle")
    expect(shown.locator(".problem:visible, .errorlist:visible")).to_have_count(0)
    lines = "fieldset .field-line:has(:is(input, select, textarea):not([type=hidden]))"
    assert shown.locator(f"{lines}:visible").count() <= MAX_OPEN_FIELDS


def test_what_is_wrong_with_a_schedule_stands_beside_its_field(open_page: Open) -> None:
    shown = open_page(ADD)
    shown.locator("[name=schedule_type]").select_option("cron")
    shown.locator("[name=cron_expression]").fill("99 * * * *")
    expect(shown.locator(".field-cron_expression .problem")).to_be_visible()
    expect(shown.locator("#schedule-preview .problem")).to_have_count(0)
    shown.locator("[name=cron_expression]").fill("30 8 * * *")
    expect(shown.locator(".field-cron_expression .problem")).to_have_count(0)
    expect(shown.locator("#schedule-preview li")).to_have_count(10)


def test_a_folded_section_opens_where_something_in_it_is_wrong(open_page: Open) -> None:
    shown = open_page(ADD)
    shown.locator("summary", has_text="Limits").click()
    shown.locator("[name=priority]").fill("10")
    shown.locator("[name=_save]").click()
    expect(shown.locator(".field-priority .errorlist")).to_be_visible()
    expect(shown.locator("[name=keep_runs_days]")).to_be_visible()
    expect(shown.locator("[name=retry_count]")).to_be_hidden()


def test_the_settings_of_windows_show_only_where_they_are_used(world: World, open_page: Open) -> None:
    change(world.task, schedule_type="interval", interval_minutes=60)
    shown = open_page(page(world.task))
    expect(shown.locator("[name=use_windows]")).to_be_visible()
    expect(shown.locator("[name=catch_up]")).to_be_hidden()
    shown.locator("[name=use_windows]").check()
    expect(shown.locator("[name=catch_up]")).to_be_visible()
    assert shown.evaluate(BEYOND) <= 0


def test_the_pages_of_a_task_fit_a_phone(world: World, open_page: Open) -> None:
    runs.run_now(world.task, SYSTEM, timezone.now())
    shown = open_page("/admin/", viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for name in ("overview", "change", "run_with", "versions"):
        shown.goto(page(world.task, name))
        shown.wait_for_load_state("networkidle")
        assert shown.evaluate(BEYOND) <= 0, name


def test_ctrl_s_saves_and_stays(world: World, open_page: Open) -> None:
    shown = open_page(page(world.task))
    write(shown, "script_content", "result = 'by key'")
    shown.keyboard.press("Control+s")
    expect(shown.get_by_text("changed successfully")).to_be_visible()
    expect(shown).to_have_url(re.compile(r"/change/$"))
    world.task.refresh_from_db()
    assert world.task.script_content == "result = 'by key'"


def test_list_overview_and_form_name_the_due_times_that_fire(world: World, open_page: Open) -> None:
    change(world.task, schedule_type="interval", interval_minutes=37, spread_seconds=90)
    world.task.refresh_from_db()
    assert world.task.next_run_at is not None
    at = f"{timezone.localtime(world.task.next_run_at):%H:%M:%S}"
    shown = open_page(listing(ScheduledTask))
    expect(shown.locator("#result_list time").first).to_have_attribute("title", re.compile(at))
    shown.goto(page(world.task, "overview"))
    expect(shown.locator("#schedule li").first).to_contain_text(at)
    shown.goto(page(world.task))
    expect(shown.locator("#schedule-preview li").first).to_contain_text(at)
    shown.locator("[name=task_name]").fill("renamed")
    shown.locator("[name=spread_seconds]").evaluate(
        "field => field.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    expect(shown.locator("#schedule-preview li").first).to_contain_text(at)
