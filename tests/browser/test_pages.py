"""Journeys beyond the task form: from a run to its messages, back to an old version, over a range that has passed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import ConsoleMessage, Page, expect

from notifications import outbox
from notifications.models import Delivery, DeliveryKind, DeliveryStatus, NotifyChannel
from scheduling.acts import backfills, default_task, runs, tasks
from scheduling.models import Backfill, Run, RunLine, RunStatus, Stream
from tenants.access import SYSTEM
from testing.actors import ANN
from testing.english import KNOWN, words
from testing.every_page import a_row_of_everything, every_page
from testing.servers.robots import Robots
from testing.world import World, listing, page
from tests.browser.conftest import Open
from tests.browser.showcase import showcase

PHONE = {"width": 390, "height": 844}
Picture = Callable[[Page, str], None]


def test_a_run_is_started_watched_canceled_run_again_and_its_message_read(
    world: World, open_page: Open
) -> None:
    opened = open_page(page(world.task, "overview"), who="operator")
    opened.get_by_role("button", name="Run now").click()
    expect(opened).to_have_url(re.compile(r"/admin/scheduling/run/\d+/change/"))
    first = Run.objects.get()
    RunLine.objects.create(run=first, seq=1, at=timezone.now(), stream=Stream.STDOUT, text="reading orders")
    expect(opened.locator("#run-lines")).to_contain_text("reading orders")
    opened.once("dialog", lambda dialog: dialog.accept())
    opened.get_by_role("button", name="Cancel").click()
    opened.get_by_role("button", name="Run again").click()
    expect(opened).not_to_have_url(re.compile(f"/{first.pk}/change/"))
    again = Run.objects.exclude(pk=first.pk).get()
    letter = outbox.OutgoingMessage(
        {"content": "**1284** orders"}, DeliveryKind.RESULT, log_id=again.pk, tenant_id="ours"
    )
    [delivery] = outbox.enqueue([world.channel], letter, timezone.now())
    Delivery.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.FAILED, errmsg="keywords not in content"
    )
    Run.objects.filter(pk=again.pk).update(status=RunStatus.SUCCESS)
    expect(opened.get_by_text("keywords not in content")).to_be_visible()
    opened.get_by_role("link", name="failed").click()
    expect(opened.frame_locator("iframe").locator(".bubble")).to_contain_text("1284 orders")
    expect(opened.get_by_text("The service did not accept the message.")).to_be_visible()


def test_a_test_message_leads_to_what_the_service_said(world: World, open_page: Open) -> None:
    with Robots() as robots:
        NotifyChannel.objects.filter(pk=world.channel.pk).update(
            webhook_url=robots.dingtalk(secret="SECright").url, sign_secret="SECwrong"
        )
        opened = open_page(page(world.channel), who="operator")
        expect(opened.frame_locator("iframe").locator(".bubble")).to_contain_text("Daily report")
        opened.get_by_role("button", name="Send test").click()
        expect(opened).to_have_url(re.compile(r"/admin/notifications/delivery/\d+/change/"))
        expect(opened.get_by_text("The test message was not sent.")).to_be_visible()
        expect(opened.locator("#content")).to_contain_text("310000")


def test_an_old_version_is_compared_and_restored(world: World, open_page: Open) -> None:
    def change(task: object) -> None:
        task.script_content = "result = 'done'\nlog('more')"  # type: ignore[attr-defined]

    tasks.update(world.task.pk, change, SYSTEM, timezone.now())
    opened = open_page(page(world.task, "overview"), who="admin")
    opened.get_by_role("link", name="Versions").click()
    expect(opened.locator(".diff .changed .new")).to_have_text("log('more')")
    opened.once("dialog", lambda dialog: dialog.accept())
    opened.get_by_role("button", name="Restore").click()
    expect(opened.get_by_text("this is now version 3")).to_be_visible()
    world.task.refresh_from_db()
    assert world.task.script_content == "result = 'done'"


def test_a_range_is_previewed_started_and_canceled(world: World, open_page: Open) -> None:
    opened = open_page(page(world.task, "overview"), who="operator")
    opened.locator("summary", has_text="More").click()
    opened.locator("#content").get_by_role("link", name="Backfill").click()
    opened.get_by_label("From").fill("2026-03-01T00:00")
    opened.locator("[name=to_at]").fill("2026-03-04T00:00")
    opened.get_by_role("button", name="Preview").click()
    expect(opened.locator("#plan")).to_contain_text("2026-03-03 08:00:00")
    opened.get_by_role("button", name="Start 3 runs").click()
    expect(opened).to_have_url(re.compile(r"/admin/scheduling/backfill/\d+/change/"))
    expect(opened.locator(".progress")).to_contain_text("0 / 3")
    opened.once("dialog", lambda dialog: dialog.accept())
    opened.get_by_role("button", name="Cancel").click()
    expect(opened.locator(".progress")).to_contain_text("3 / 3")
    assert Backfill.objects.get().status == "canceled"


def test_a_page_of_what_goes_on_shows_its_changes_in_place(world: World, open_page: Open) -> None:
    now = timezone.now()
    past = backfills.start(world.task, now - timedelta(days=3), now - timedelta(days=1), 1, SYSTEM, now)
    opened = open_page(page(past))
    opened.evaluate("window.isTheSame = true")
    expect(opened.locator("[data-refresh-part]")).to_have_count(1)
    backfills.cancel(past, now, SYSTEM)
    expect(opened.locator("[data-refresh-part]")).to_have_count(0)
    expect(opened.locator("#content-main")).to_contain_text("canceled")
    assert opened.evaluate("window.isTheSame")


def test_runs_are_found_by_the_name_of_their_task(world: World, open_page: Open) -> None:
    run = runs.run_now(world.task, ANN, timezone.now())
    runs.run_now(world.their_task, ANN, timezone.now())
    opened = open_page(listing(Run), who="superuser")
    opened.locator("#changelist a").filter(has_text="Filters").click()
    opened.locator("#changelist-filter .select2-selection").first.click()
    opened.keyboard.type("our rep")
    opened.get_by_role("option", name="our report").click()
    opened.get_by_role("button", name="Apply Filters").click()
    expect(opened.locator("#result_list tbody")).to_have_count(1)
    expect(opened.locator("#result_list")).to_contain_text(run.task_name)


def test_the_default_tasks_page_shows_new_runs_by_itself(
    world: World, open_page: Open, settings: Any
) -> None:
    settings.AUTO_REFRESH_INTERVAL_SECONDS = 1
    opened = open_page("/admin/scheduling/scheduledtask/default/", who="superuser")
    opened.locator("[name=dify_url]").fill("https://dify.example.com/v1")
    task = default_task.get_or_create(timezone.now())
    task.dify_url, task.dify_api_key = "https://dify.example.com/v1", "app-x"
    run = runs.run_now(task, ANN, timezone.now())
    expect(opened.locator("[data-refresh] tbody")).to_contain_text(str(run.pk))
    expect(opened.locator("[name=dify_url]")).to_have_value(
        "https://dify.example.com/v1"
    )  # and loses nothing typed


def test_times_are_the_readers_from_the_second_page_on(world: World, open_page: Open) -> None:
    run = runs.run_now(world.task, ANN, timezone.now())
    Run.objects.filter(pk=run.pk).update(due_at="2026-03-10T08:00:00+08:00")
    opened = open_page(page(run), timezone_id="America/New_York")
    opened.reload()
    due = opened.locator("#content time").first
    expect(due).to_have_text("2026-03-09 20:00:00")
    expect(due).to_have_attribute("title", "2026-03-10 08:00:00 Asia/Shanghai")


@pytest.mark.timeout(3600)  # some eighty pages
def test_every_page_is_chinese_for_a_chinese_reader_and_breaks_no_rule_of_the_browser(
    world: World, open_page: Open
) -> None:
    """Also what scripts add; a breach of the Content-Security-Policy is an error in the console."""
    a_row_of_everything(world)
    opened = open_page("/admin/", who="superuser", language="zh-CN")
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(f"{opened.url}: {message.text}")

    opened.on("console", note)
    english, known = {}, {word.lower() for word in KNOWN}
    for address in every_page(world.client("superuser").get("/admin/").wsgi_request, world):
        opened.goto(address)
        if more := _read(opened) - known:
            english[address] = more
    assert english == {}
    assert errors == []


def _read(opened: Page) -> set[str]:
    """The words that a reader sees, but for icons, code and choices that are data; labels are in capitals."""
    silent = ".material-symbols-outlined, pre, textarea, option, select, .cm-editor"
    opened.evaluate("(silent) => document.querySelectorAll(silent).forEach((one) => one.remove())", silent)
    return {word.lower() for word in words(opened.locator("body").inner_text())}


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("who", ["superuser", "viewer"])
def test_every_page_fits_a_phone(world: World, open_page: Open, who: str) -> None:
    a_row_of_everything(world)
    opened = open_page("/admin/", who=who, viewport=PHONE, has_touch=True, is_mobile=True)
    wide = []
    for address in every_page(world.client(who).get("/admin/").wsgi_request, world):
        if address.endswith(("/backfill/", "/default/")) and who == "viewer":
            continue
        opened.goto(address)
        over = opened.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        wide += [address] if over > 0 else []
    assert wide == []


def test_the_reason_of_a_failure_is_read_whole_on_a_phone(world: World, open_page: Open) -> None:
    run = runs.run_now(world.task, ANN, timezone.now())
    Run.objects.filter(pk=run.pk).update(status=RunStatus.FAILED, error_code="webhook_failed")
    reason = open_page(page(run), viewport=PHONE).get_by_text("does not meet the success condition")
    box = reason.bounding_box()
    assert box
    assert box["x"] + box["width"] <= PHONE["width"]


@pytest.mark.parametrize(("language", "suffix"), [("en-US", ""), ("zh-CN", "-zh")])
def test_pictures_of_the_docs(
    world: World, open_page: Open, picture: Picture, language: str, suffix: str
) -> None:
    type(world.task).objects.all().delete()
    now = timezone.now()
    task, run = showcase(world.ours, now)
    past = backfills.start(task, now - timedelta(days=20), now - timedelta(days=10), 2, SYSTEM, now)
    Backfill.objects.filter(pk=past.pk).update(done=past.total - 3, failed=1)
    [delivery] = Delivery.objects.filter(log_id=run.pk)
    opened = open_page("/admin/", who="admin", language=language)
    for name, address in {
        "versions": page(task, "versions"),
        "backfill": page(past),
        "delivery": page(delivery),
    }.items():
        opened.goto(address)
        expect(opened.locator("#content")).to_be_visible()
        picture(opened, f"{name}{suffix}")
