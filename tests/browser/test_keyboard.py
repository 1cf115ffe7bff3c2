"""The journeys by keyboard alone: what matters is reached with Tab, does its work, and shows that it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Dialog, Locator, Page, expect

from scheduling.acts import runs
from scheduling.models import Run, RunStatus, ScheduledTask
from testing.actors import ANN
from testing.world import World, listing, page
from tests.browser.conftest import Open

ADD = listing(ScheduledTask) + "add/"
SCRIPT = ".field-script_content .cm-content"
MAX_STOPS, MIN_STOPS = 150, 15  # of a page


def reach(shown: Page, target: Locator, key: str = "Tab") -> None:
    """Backwards with Shift+Tab. Stops of an editor that keeps Tab are left as its hint says."""
    expect(target).to_be_attached()
    for _ in range(MAX_STOPS):
        if target.evaluate("one => one === document.activeElement"):
            return
        if shown.locator(":focus").and_(shown.locator(SCRIPT)).count():
            shown.keyboard.press("Escape")
        shown.keyboard.press(key)
    raise AssertionError(f"{MAX_STOPS} stops, none of them {target}")


def choose(shown: Page, name: str, value: str) -> None:
    """With the arrows, from the first choice on."""
    select = shown.locator(f"[name={name}]")
    reach(shown, select)
    shown.keyboard.press("Home")
    for _ in range(10):
        if select.input_value() == value:
            return
        shown.keyboard.press("ArrowDown")
    raise AssertionError(f"{name} has no {value}")


def choose_kind(shown: Page, kind: str) -> None:
    reach(shown, shown.locator("[name=execution_type]:checked"))
    for _ in range(3):
        if shown.locator("[name=execution_type]:checked").get_attribute("value") == kind:
            return
        shown.keyboard.press("ArrowRight")
    raise AssertionError(f"there is no {kind}")


def test_a_script_with_time_points_is_created(open_page: Open) -> None:
    shown = open_page(ADD)
    reach(shown, shown.locator("[name=task_name]"))
    shown.keyboard.type("made by keys")
    choose_kind(shown, "script")
    reach(shown, shown.locator(SCRIPT))
    shown.keyboard.type("result = 1")
    choose(shown, "schedule_type", "simple")
    time = shown.get_by_label("Time of day")
    for keys in ("0830AM", "0945AM"):
        reach(shown, time)
        shown.keyboard.type(keys)
        shown.keyboard.press("Enter")
    reach(shown, time)
    shown.keyboard.type("1000AM")
    reach(shown, shown.get_by_role("button", name="Add", exact=True))
    shown.keyboard.press("Space")
    reach(shown, shown.get_by_role("button", name="Remove 09:45"), "Shift+Tab")
    shown.keyboard.press("Enter")
    expect(time).to_be_focused()
    reach(shown, shown.locator("[name=_save]"))
    shown.keyboard.press("Enter")
    expect(shown.locator(".task-head h2")).to_have_text("made by keys")
    task = ScheduledTask.objects.get(task_name="made by keys")
    assert (task.execution_type, task.script_content) == ("script", "result = 1")
    assert task.time_points == ["08:30", "10:00"]


def test_the_pickers_of_another_kinds_schedule_are_used(open_page: Open) -> None:
    shown = open_page(ADD)
    reach(shown, shown.locator("[name=task_name]"))
    shown.keyboard.type("picked by keys")
    choose_kind(shown, "webhook")
    reach(shown, shown.locator("[name=webhook_url]"))
    shown.keyboard.type("https://example.com/hook")
    choose(shown, "schedule_type", "cron")
    hours = shown.get_by_role("group", name="Hours")
    reach(shown, hours.locator("[tabindex='0']"))
    for key in ("Space", "ArrowRight", "Space"):
        shown.keyboard.press(key)
    expect(hours.locator("[aria-pressed=true]")).to_have_text(["00", "01", "08"])
    reach(shown, shown.locator("[name=_save]"))
    shown.keyboard.press("Enter")
    expect(shown.locator(".task-head h2")).to_have_text("picked by keys")
    assert ScheduledTask.objects.get(task_name="picked by keys").cron_expression == "0 0-1,8 * * *"


def test_a_task_is_switched_off_and_run_from_the_list(world: World, open_page: Open) -> None:
    shown = open_page(listing(ScheduledTask), who="operator")
    switch = shown.get_by_role("switch")
    reach(shown, switch)
    shown.keyboard.press("Space")
    expect(switch).to_have_attribute("aria-checked", "false")
    reach(shown, shown.get_by_role("button", name="Run now"))
    shown.keyboard.press("Enter")
    expect(shown).to_have_url(re.compile(r"/admin/scheduling/run/\d+/change/"))
    assert Run.objects.get().triggered_by == "operator"


def test_a_run_is_canceled_once_the_question_is_answered(world: World, open_page: Open) -> None:
    run = runs.run_now(world.task, ANN, timezone.now())
    shown = open_page(page(run), who="operator")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    shown.once("dialog", answer)
    reach(shown, shown.get_by_role("button", name="Cancel"))
    shown.keyboard.press("Enter")
    expect(shown.get_by_role("button", name="Run again")).to_be_visible()
    assert asked == ["Stop this run?"]
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELED


def test_the_language_is_switched(open_page: Open) -> None:
    shown = open_page("/admin/")
    reach(shown, shown.get_by_role("button", name="A admin"))
    shown.keyboard.press("Enter")
    reach(shown, shown.get_by_role("button", name="简体中文"), "Shift+Tab")
    shown.keyboard.press("Enter")
    expect(shown.locator("#content")).to_contain_text("今日运行")


@pytest.mark.parametrize("from_the_text", [True, False], ids=["in the text", "on the button"])
def test_escape_leaves_the_full_screen(open_page: Open, from_the_text: bool) -> None:
    shown = open_page(ADD)
    editor = shown.locator(".field-script_content .editor")
    button = editor.get_by_role("button", name="Full screen")
    reach(shown, button)
    shown.keyboard.press("Enter")
    expect(editor).to_have_class(re.compile("full"))
    expect(shown.locator(SCRIPT)).to_be_focused()
    if not from_the_text:
        reach(shown, button, "Shift+Tab")
    shown.keyboard.press("Escape")
    expect(editor).not_to_have_class(re.compile("full"))
    expect(shown.locator("body")).not_to_have_class(re.compile("editor-is-full"))


def test_escape_closes_what_is_open_in_the_editor_first(open_page: Open) -> None:
    shown = open_page(ADD)
    editor = shown.locator(".field-script_content .editor")
    reach(shown, shown.locator(SCRIPT))
    shown.keyboard.press("F11")
    shown.keyboard.press("Control+f")
    expect(shown.locator(".cm-search [name=search]")).to_be_focused()
    shown.keyboard.press("Escape")
    expect(shown.locator(".cm-search")).to_have_count(0)
    expect(editor).to_have_class(re.compile("full"))
    shown.keyboard.press("Escape")
    expect(editor).not_to_have_class(re.compile("full"))


def test_a_small_editor_is_left_by_tab_at_once(open_page: Open) -> None:
    shown = open_page(ADD)
    small = shown.locator(".field-input_params .cm-content")
    reach(shown, small)
    shown.keyboard.press("Tab")
    expect(small).not_to_be_focused()
    expect(shown.locator("[name=input_params]")).to_have_value("")


# What is drawn of the focused element: its own frame, or that of the editor or choice around it; undefined where
# nothing has the focus, or the round begins again.
FRAMES = """() => {
    const around = ".editor, .select2-selection, .cards label";
    const frames = (one) => [one, one.closest(around)].filter(Boolean).map((box) => {
        const { outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor } = getComputedStyle(box);
        return [outlineStyle, outlineWidth, outlineColor, boxShadow, borderColor].join();
    }).join();
    const one = document.activeElement;
    if (one === window.last) return [one.outerHTML.slice(0, 160), true]; // a time has several stops of its own
    if (one === document.body || one.dataset.seen) return undefined;
    one.dataset.seen = "yes";
    window.last = one;
    const focused = frames(one);
    one.blur();
    const left = frames(one);
    one.focus();
    return [one.outerHTML.slice(0, 160), focused !== left];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_stop_of_the_keyboard_shows_that_it_is_there(
    world: World, open_page: Open, scheme: str
) -> None:
    run = runs.run_now(world.task, ANN, timezone.now())
    shown = open_page("/admin/", color_scheme=scheme)
    for address in (
        "/admin/",
        listing(ScheduledTask),
        page(world.task, "overview"),
        page(world.task),
        page(run),
    ):
        shown.goto(address)
        found = list(stops(shown))
        assert len(found) > MIN_STOPS
        assert [html for html, is_seen in found if not is_seen] == []


def stops(shown: Page) -> Iterator[tuple[str, bool]]:
    """From the first to the last: the start of its HTML, and whether its frame differs while it has the focus."""
    for _ in range(MAX_STOPS):
        if shown.locator(":focus").and_(shown.locator(SCRIPT)).count():
            shown.keyboard.press("Escape")
        shown.keyboard.press("Tab")
        found = shown.evaluate(FRAMES)
        if found is None:
            return
        yield found[0], found[1]


def test_ctrl_k_leads_to_a_task(world: World, open_page: Open) -> None:
    shown = open_page("/admin/", who="viewer")
    shown.keyboard.press("Control+k")
    asked = shown.locator("#search-input-command")
    expect(asked).to_be_focused()
    asked.press_sequentially("our rep")
    expect(shown.locator("#command-results-list a")).to_have_attribute("href", page(world.task, "overview"))
    shown.keyboard.press("ArrowDown")
    shown.keyboard.press("Enter")
    shown.wait_for_url(f"**{page(world.task, 'overview')}")
