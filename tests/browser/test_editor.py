"""The script editor and the small ones beside it."""

from __future__ import annotations

import json

from playwright.sync_api import Page, expect

from sandbox.gallery import EXAMPLES
from scheduling.models import ScheduledTask
from testing.world import World, page
from tests.browser.conftest import Open

ADD = "/admin/scheduling/scheduledtask/add/"
SCRIPT = ".field-script_content .cm-content"


def typed(shown: Page, text: str, where: str = SCRIPT) -> None:
    shown.locator(where).click()
    shown.keyboard.press("Control+End")
    shown.keyboard.type(text)


def test_what_the_sdk_offers_is_completed_with_its_help(open_page: Open) -> None:
    shown = open_page(ADD)
    typed(shown, "noti")
    expect(shown.locator(".cm-tooltip-autocomplete [aria-selected=true]")).to_contain_text("notify")
    expect(shown.locator(".cm-completionInfo")).to_contain_text("Queues a message to a channel")
    # By a click: a key right after the list has opened is taken for one that was meant for the text.
    shown.locator(".cm-tooltip-autocomplete [aria-selected=true]").click()
    expect(shown.locator("[name=script_content]")).to_have_value("notify")


def test_hovering_over_a_name_of_the_sdk_explains_it_in_the_readers_language(open_page: Open) -> None:
    shown = open_page(ADD, language="zh-CN")
    typed(shown, "get_secret")
    shown.keyboard.press("Escape")
    shown.mouse.move(0, 0)
    shown.locator(SCRIPT).get_by_text("get_secret").hover()
    expect(shown.locator(".cm-tooltip-hover")).to_contain_text("获取密钥")


def test_the_servers_python_marks_the_line_at_fault(open_page: Open) -> None:
    shown = open_page(ADD)
    typed(shown, "fine = 1\nwrong = = 2")
    mark = shown.locator(".field-script_content .cm-lint-marker-error")
    expect(mark).to_have_count(1)
    mark.hover()
    expect(shown.locator(".cm-tooltip-lint")).to_contain_text("invalid syntax")


def test_a_wrong_json_object_is_marked_before_it_is_sent(open_page: Open) -> None:
    shown = open_page(ADD)
    where = ".field-input_params .cm-content"
    typed(shown, "[1]", where)
    expect(shown.locator(".field-input_params .cm-lint-marker-error")).to_have_count(1)
    shown.locator(where).press("Control+a")
    shown.keyboard.insert_text('{"city": "上海"}')
    expect(shown.locator(".field-input_params .cm-lint-marker-error")).to_have_count(0)
    expect(shown.locator("[name=input_params]")).to_have_value('{"city": "上海"}')


def test_tab_indents_and_escape_lets_it_leave(open_page: Open) -> None:
    shown = open_page(ADD)
    typed(shown, "x")
    shown.keyboard.press("Home")
    shown.keyboard.press("Tab")
    expect(shown.locator("[name=script_content]")).to_have_value("    x")
    shown.keyboard.press("Escape")
    shown.keyboard.press("Tab")
    expect(shown.locator(SCRIPT)).not_to_be_focused()
    described = shown.locator(SCRIPT).get_attribute("aria-describedby")
    expect(shown.locator(f"#{described}")).to_contain_text("To leave the editor, press Esc, then Tab.")


def test_full_screen_is_entered_and_left_by_a_key(open_page: Open) -> None:
    shown = open_page(ADD)
    typed(shown, "x")
    editor = shown.locator(".field-script_content .editor")
    shown.keyboard.press("F11")
    box = editor.bounding_box()
    assert box is not None
    assert (box["x"], box["y"], box["width"]) == (0, 0, 1360)
    shown.keyboard.press("F11")
    expect(editor).not_to_have_class("full")


def test_find_speaks_the_readers_language(open_page: Open) -> None:
    shown = open_page(ADD, language="zh-CN")
    shown.locator(".field-script_content").get_by_role("button", name="查找").click()
    expect(shown.locator(".cm-search [name=search]")).to_be_focused()
    expect(shown.locator(".cm-search")).to_contain_text("区分大小写")


def test_what_is_saved_is_compared_with_what_is_written(world: World, open_page: Open) -> None:
    shown = open_page(page(world.task))
    typed(shown, "\nresult = 2")
    shown.get_by_role("button", name="Compare with the saved text").click()
    expect(shown.locator(".field-script_content .cm-changedLine").last).to_have_text("result = 2")


def test_what_is_written_in_the_editor_is_saved(world: World, open_page: Open) -> None:
    shown = open_page(page(world.task))
    typed(shown, "\nresult = 2")
    shown.locator("[name=_save]").click()
    expect(shown.locator(".task-head h2")).to_be_visible()
    stored = ScheduledTask.objects.get(pk=world.task.pk).script_content
    assert stored.splitlines() == ["result = 'done'", "result = 2"]


def test_an_empty_script_starts_from_an_example(open_page: Open) -> None:
    shown = open_page(ADD, language="zh-CN")
    shown.get_by_role("button", name="Excel 报表文件").click()
    example = next(each for each in EXAMPLES if each.name == "excel_report")
    expect(shown.locator(SCRIPT)).to_contain_text("from openpyxl import Workbook")
    expect(shown.locator("[name=script_content]")).to_have_value(example.script)
    expect(shown.locator("[name=script_deps]")).to_have_value(example.dependencies)
    assert json.loads(shown.locator("[name=input_params]").input_value()) == example.parameters_zh
    expect(shown.locator(".examples")).to_be_hidden()
    shown.keyboard.press("Control+z")
    expect(shown.locator(".examples")).to_be_visible()


def test_a_script_that_is_there_is_not_replaced_by_an_example(world: World, open_page: Open) -> None:
    shown = open_page(page(world.task))
    expect(shown.locator(SCRIPT)).to_contain_text("result")
    expect(shown.locator(".examples")).to_be_hidden()


def test_the_help_names_the_limits_of_the_arguments(open_page: Open) -> None:
    shown = open_page(ADD)
    typed(shown, "set_va")
    expect(shown.locator(".cm-completionInfo")).to_contain_text(
        "At most: key 4 KiB, value 64 KiB, scope 4 KiB"
    )
