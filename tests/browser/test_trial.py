"""A test run from the task form: a real worker, its lines as they come, the message as the chat would show it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from common import process_registry
from scheduling.models import Run, ScheduledTask
from testing.patience import eventually
from testing.processes import Processes
from testing.world import World, page
from tests.browser.conftest import Open

UNSAVED = "result = {'title': 'Report', 'content': '**' + get_param('city') + '** is fine'}"


@pytest.fixture
def worker(world: World) -> Iterator[None]:
    with Processes() as processes:
        processes.worker("prefork", 1, "script")
        eventually(lambda: process_registry.living("worker"))
        yield


def write(shown: Page, name: str, text: str) -> None:
    shown.locator(f".field-{name} .cm-content").click()
    shown.keyboard.press("Control+a")
    shown.keyboard.insert_text(text)


def test_a_script_is_tried_before_it_is_saved(world: World, worker: None, open_page: Open) -> None:
    shown = open_page(page(world.task))
    write(shown, "script_content", f"print('looking')\n{UNSAVED}")
    write(shown, "input_params", '{"city": "Shanghai"}')
    shown.get_by_role("button", name="Test run").click()
    expect(shown.locator("#trial .status")).to_have_text("Success")
    expect(shown.locator("#trial .lines")).to_contain_text("looking")
    chat = shown.frame_locator("#trial iframe.message")
    expect(chat.locator(".chat .bubble")).to_contain_text("Shanghai is fine")
    expect(chat.locator(".chat .bubble b")).to_have_css("font-weight", "700")
    expect(chat.locator(".chat")).to_have_css("background-color", "rgb(236, 239, 243)")
    expect(shown.locator("#trial figcaption")).to_have_text("DingTalk robot")
    assert not Run.objects.exists()
    assert ScheduledTask.objects.get(pk=world.task.pk).script_content == "result = 'done'"


def test_lines_are_seen_while_it_runs_and_stop_ends_it(world: World, worker: None, open_page: Open) -> None:
    shown = open_page(page(world.task))
    write(shown, "script_content", "print('waiting')\ntime.sleep(600)")
    shown.get_by_role("button", name="Test run").click()
    expect(shown.locator("#trial .lines")).to_contain_text("waiting")
    expect(shown.locator("#trial .status")).to_have_count(0)
    shown.get_by_role("button", name="Stop").click()
    expect(shown.locator("#trial .status")).to_have_text("Cancelled")


def test_the_line_that_failed_is_marked_until_it_is_changed(
    world: World, worker: None, open_page: Open
) -> None:
    shown = open_page(page(world.task))
    write(shown, "script_content", "def half(n):\n    return 1 / n\n" + "\n" * 60 + "half(0)")
    shown.get_by_role("button", name="Test run").click()
    shown.get_by_role("button", name="Go to line 2").click()
    expect(shown.locator(".field-script_content .cm-content")).to_be_focused()
    mark = shown.locator(".field-script_content .cm-lintRange-error")
    expect(mark).to_have_text("return 1 / n")
    shown.locator(".field-script_content .cm-lint-marker-error").hover()
    expect(shown.locator(".cm-tooltip-lint")).to_contain_text("ZeroDivisionError: division by zero")
    shown.keyboard.type(" ")
    expect(mark).to_have_count(0)


def test_a_syntax_error_of_a_test_run_is_marked_once(world: World, worker: None, open_page: Open) -> None:
    shown = open_page(page(world.task))
    write(shown, "script_content", "fine = 1\nwrong = = 2")
    shown.get_by_role("button", name="Test run").click()
    shown.get_by_role("button", name="Go to line 2").click()
    expect(shown.locator(".field-script_content .cm-lint-marker-error")).to_have_count(1)
    shown.locator(".field-script_content .cm-lint-marker-error").hover()
    expect(shown.locator(".cm-tooltip-lint .cm-diagnostic")).to_have_text(["invalid syntax"])


def test_an_operator_tries_the_saved_script_and_reads_what_went_wrong(
    world: World, worker: None, open_page: Open
) -> None:
    ScheduledTask.objects.filter(pk=world.task.pk).update(script_content="fine = 1\n1 / 0")
    shown = open_page(page(world.task), who="operator")
    shown.get_by_role("button", name="Test run").click()
    expect(shown.locator("#trial .status")).to_have_text("Failed")
    expect(shown.locator("#trial [role=alert]")).to_contain_text("line 2")


def test_parameters_that_cannot_be_read_are_said_before_anything_runs(world: World, open_page: Open) -> None:
    shown = open_page(page(world.task))
    write(shown, "input_params", "{nonsense")
    shown.get_by_role("button", name="Test run").click()
    expect(shown.locator("#trial [role=alert]")).to_have_text("The parameters are not a JSON object.")
