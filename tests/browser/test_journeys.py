"""What people do in the admin, from logging in to cancelling a run."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from scheduling.acts import runs
from scheduling.models import Run, RunLine, RunStatus, ScheduledTask, Stream
from testing.actors import ANN
from testing.world import World
from tests.browser.conftest import Open

TASKS = "/admin/scheduling/scheduledtask/"
PHONE = {"width": 390, "height": 844}


def write_script(page: Page, script: str) -> None:
    page.locator(".editor.large .cm-content").click()
    page.keyboard.insert_text(script)


def test_logging_in_leads_to_the_overview(open_page: Open) -> None:
    page = open_page("/admin/", who="")
    page.locator("#id_username").fill("viewer")
    page.locator("#id_password").fill("viewer")
    page.locator("#id_password").press("Enter")
    expect(page).to_have_url(re.compile(r"/admin/$"))
    expect(page.locator("#nav-sidebar-apps")).to_contain_text("Runs")


NEEDED = {"script": "script_content", "webhook": "webhook_url", "dify": "dify_url"}


@pytest.mark.parametrize("kind", NEEDED)
def test_a_task_of_each_kind_is_created_with_only_its_fields_in_sight(open_page: Open, kind: str) -> None:
    page = open_page(f"{TASKS}add/")
    page.locator("[name=task_name]").fill("made in a browser")
    page.locator(f"[name=execution_type][value={kind}]").check()
    for other, name in NEEDED.items():
        expect(page.locator(f".field-{name}")).to_be_visible(visible=other == kind)
    if kind == "script":
        write_script(page, "result = 'done'")
    elif kind == "webhook":
        page.locator("[name=webhook_url]").fill("https://example.com/hook")
    else:
        page.locator("[name=dify_url]").fill("https://dify.example.com/v1")
        page.locator("[name=dify_api_key]").fill("app-0123456789")
    page.locator("[name=schedule_type]").select_option("cron")
    expect(page.locator("[name=time_points]")).to_be_hidden()
    page.locator("[name=cron_expression]").fill("30 8 * * MON-FRI")
    page.locator("[name=_save]").click()
    expect(page.locator(".task-head h2")).to_have_text("made in a browser")
    assert ScheduledTask.objects.get(task_name="made in a browser").execution_type == kind


def test_the_preview_follows_what_is_typed(open_page: Open) -> None:
    page = open_page(f"{TASKS}add/")
    preview = page.locator("#schedule-preview")
    page.get_by_text("Edit as text").click()
    page.locator("[name=time_points]").fill("07:45")
    expect(preview.locator("li").first).to_contain_text("07:45:00")
    expect(preview.locator("li")).to_have_count(10)
    page.locator("[name=time_points]").fill("99:00")
    expect(page.locator(".field-time_points .problem")).to_contain_text("not a time point")
    expect(preview.locator("li")).to_have_count(0)
    page.locator("[name=schedule_type]").select_option("interval")
    page.locator("[name=interval_minutes]").fill("15")
    expect(preview).to_contain_text("Every 15 minutes")
    expect(page.locator(".field-time_points .problem")).to_have_count(0)


def test_a_mistake_is_told_beside_its_field_and_nothing_is_lost(open_page: Open) -> None:
    page = open_page(f"{TASKS}add/")
    page.locator("[name=task_name]").fill("kept")
    write_script(page, "result = 1")
    page.get_by_text("Edit as text").click()
    page.locator("[name=time_points]").fill("25:61")
    page.locator("[name=_save]").click()
    expect(page.locator(".field-time_points")).to_contain_text("not a time point")
    expect(page.locator("[name=task_name]")).to_have_value("kept")
    expect(page.locator(".editor.large")).to_contain_text("result = 1")


def test_run_now_leads_to_the_run_which_shows_its_lines_live(world: World, open_page: Open) -> None:
    page = open_page(TASKS, who="operator")
    page.get_by_role("button", name="Run now").click()
    expect(page).to_have_url(re.compile(r"/admin/scheduling/run/\d+/change/"))
    expect(page.locator("#content")).to_contain_text("queued")
    run = Run.objects.get()
    RunLine.objects.create(run=run, seq=1, at=timezone.now(), stream=Stream.STDOUT, text="reading orders")
    expect(page.locator("#run-lines")).to_contain_text("reading orders")
    Run.objects.filter(pk=run.pk).update(status=RunStatus.SUCCESS, result="# 1284 orders")
    expect(page.locator("#content")).to_contain_text("1284 orders")
    expect(page.get_by_role("button", name="Run again")).to_be_visible()


def test_cancel_asks_first(world: World, open_page: Open) -> None:
    run = runs.run_now(world.task, ANN, timezone.now())
    page = open_page(f"/admin/scheduling/run/{run.pk}/change/", who="operator")
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Cancel").click()
    run.refresh_from_db()
    assert run.status == RunStatus.QUEUED
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELED


def test_many_tasks_are_deleted_once_the_question_is_answered(world: World, open_page: Open) -> None:
    page = open_page(TASKS)
    page.locator("#result_list [name=_selected_action]").check()
    page.locator("[name=action]").select_option("delete_selected")
    page.get_by_role("button", name="Run", exact=True).click()
    expect(page.locator("#content")).to_contain_text("our report")
    assert ScheduledTask.objects.filter(pk=world.task.pk).exists()
    page.get_by_role("button", name=re.compile("Yes")).click()
    expect(page).to_have_url(re.compile(r"/scheduledtask/$"))
    assert not ScheduledTask.objects.filter(pk=world.task.pk).exists()


def test_a_task_is_switched_off_in_the_list(world: World, open_page: Open) -> None:
    page = open_page(TASKS, who="operator")
    page.get_by_role("switch").click()
    expect(page.get_by_role("switch")).to_have_attribute("aria-checked", "false")
    world.task.refresh_from_db()
    assert not world.task.is_enabled


def test_a_viewer_has_no_send_test_and_a_forged_one_is_refused(world: World, open_page: Open) -> None:
    address = f"/admin/notifications/notifychannel/{world.channel.pk}/"
    page = open_page(f"{address}change/", who="operator")
    expect(page.get_by_role("button", name="Send test")).to_be_visible()
    page = open_page(f"{address}change/", who="viewer")
    expect(page.get_by_role("button", name="Send test")).to_have_count(0)
    status = page.evaluate(
        """async (url) => {
            const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
            return (await fetch(url, {method: "POST", headers: {"X-CSRFToken": token}})).status;
        }""",
        f"{address}test/",
    )
    assert status == 403


def test_a_viewer_reads_a_task_that_cannot_be_typed_into(world: World, open_page: Open) -> None:
    page = open_page(f"{TASKS}{world.task.pk}/change/", who="viewer")
    expect(page.locator("#content")).to_contain_text("result = 'done'")
    expect(page.locator("#content input:visible, #content textarea:visible")).to_have_count(0)
    expect(page.locator("#trial")).to_have_count(0)


def test_the_language_is_the_browsers_until_another_is_chosen(open_page: Open) -> None:
    page = open_page("/admin/", language="zh-CN")
    expect(page.locator("#content")).to_contain_text("今日运行")
    page.locator("#nav-sidebar-inner").get_by_text("admin", exact=True).click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("#content")).to_contain_text("Runs today")
    page.goto(TASKS)
    expect(page.locator("#result_list")).to_contain_text("Every day at 08:00")


@pytest.mark.parametrize("path", ["/admin/", TASKS, f"{TASKS}add/", "/admin/scheduling/run/"])
def test_pages_fit_a_phone(world: World, open_page: Open, path: str) -> None:
    runs.run_now(world.task, ANN, timezone.now())
    page = open_page(path, viewport=PHONE, has_touch=True, is_mobile=True)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def test_a_task_is_made_and_run_without_javascript(world: World, open_page: Open) -> None:
    page = open_page(f"{TASKS}add/", java_script_enabled=False)
    page.locator("[name=task_name]").fill("plain old form")
    page.locator("[name=script_content]").fill("result = 1")
    page.locator("[name=time_points]").fill("08:00")
    page.locator("[name=_save]").click()
    page.get_by_role("button", name="Run now").click()
    expect(page.locator("#content")).to_contain_text("plain old form")
    assert Run.objects.get().task_name == "plain old form"
