"""A run's page while the run goes on, after it has ended, and with a log as long as it may be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from notifications.models import Delivery, DeliveryKind, DeliveryStatus
from scheduling.acts import runs
from scheduling.models import Run, RunLine, RunStatus, Stream
from testing.actors import ANN
from testing.world import World, listing, page
from tests.browser.conftest import Open

ERROR = 'Traceback (most recent call last):\n  File "script.py", line 1, in <module>\nKeyError: 1'


@pytest.fixture
def run(world: World) -> Run:
    return runs.run_now(world.task, ANN, timezone.now())


def change(run: Run, **columns: object) -> None:
    Run.objects.filter(pk=run.pk).update(**columns)


def write(run: Run, *texts: str) -> None:
    now = timezone.now()
    RunLine.objects.bulk_create(
        [
            RunLine(run=run, seq=seq, at=now, stream=Stream.STDOUT, text=text)
            for seq, text in enumerate(texts, 1)
        ],
        batch_size=1000,
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en-US", ("queued", "running", "Attempt 2 of 2 begins in", "The service has accepted the message.")),
        ("zh-CN", ("排队中", "运行中", "后开始第 2 次尝试（共 2 次）", "服务已接收")),
    ],
)
def test_the_page_is_true_until_the_run_and_its_messages_have_ended(
    world: World, open_page: Open, run: Run, language: str, words: tuple[str, str, str, str]
) -> None:
    type(world.task).objects.filter(pk=world.task.pk).update(retry_count=1)
    shown, now = open_page(page(run), who="operator", language=language), timezone.now()
    shown.evaluate("window.isTheSame = true")
    head = shown.locator("[data-part=head]")
    expect(head).to_contain_text(words[0])
    change(run, status=RunStatus.RUNNING, attempt=1, worker="w1@host", started_at=now, first_started_at=now)
    expect(head).to_contain_text(words[1])
    expect(head).to_contain_text("w1@host")
    expect(head).to_contain_text("1 / 2")
    clock = head.locator(".clock")
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)
    change(run, status=RunStatus.QUEUED, error="down", not_before=now + timedelta(hours=1))
    expect(shown.locator("[data-part=trouble]")).to_contain_text(words[2])
    message = Delivery.objects.create(
        log_id=run.pk,
        tenant=world.ours,
        channel=world.channel,
        channel_type="dingtalk_bot",
        kind=DeliveryKind.RESULT,
        message={"content": "all is well"},
        status=DeliveryStatus.SENDING,
        next_attempt_at=now,
    )
    change(run, status=RunStatus.SUCCESS, error="", finished_at=now, duration_ms=1000)
    expect(shown.locator("#run-deliveries")).not_to_contain_text(words[3])
    chat = shown.frame_locator("[data-part=messages] iframe.message")
    expect(chat.locator(".chat .bubble")).to_contain_text("all is well")
    with shown.expect_response(lambda answer: "/live/" in answer.url and not answer.json()["is_open"]):
        Delivery.objects.filter(pk=message.pk).update(status=DeliveryStatus.SENT, sent_at=now)
    expect(shown.locator("#run-deliveries")).to_contain_text(words[3])
    expect(shown.locator("#run-course .succeeded")).to_have_count(2)
    assert shown.evaluate("window.isTheSame")


def test_an_error_stands_above_the_log_as_wide_as_the_page(world: World, open_page: Open, run: Run) -> None:
    change(run, status=RunStatus.FAILED, error=ERROR, error_code="script_error")
    shown = open_page(page(run), who="viewer")
    error, log = shown.locator("pre.traceback"), shown.locator("#run-lines")
    expect(error).to_have_text(ERROR)
    boxes = [each.bounding_box() for each in (error, log.locator(".."))]
    assert boxes[0]
    assert boxes[1]
    assert boxes[0]["y"] < boxes[1]["y"]
    assert boxes[0]["width"] > 0.9 * boxes[1]["width"]
    shown.get_by_role("link", name="Go to line 1").click()
    expect(shown.locator("tr:target")).to_contain_text("result = 'done'")


def test_a_log_is_coloured_searched_copied_and_downloaded(world: World, open_page: Open, run: Run) -> None:
    change(run, status=RunStatus.SUCCESS)
    write(run, "\x1b[1;31mred\x1b[0m rose", "a <b>violet</b>", "another rose")
    shown = open_page(page(run), who="viewer", permissions=["clipboard-read", "clipboard-write"])
    log = shown.locator("#run-lines")
    expect(log.locator(".ansi-red.ansi-bold")).to_have_text("red")
    expect(log).to_contain_text("a <b>violet</b>")
    shown.get_by_role("searchbox", name="Search the log").fill("ROSE")
    expect(shown.locator("#log-found")).to_have_text("1 of 2")
    shown.keyboard.press("Enter")
    expect(log.locator(".current")).to_contain_text("another rose")
    shown.keyboard.press("Shift+Enter")
    expect(log.locator(".current")).to_contain_text("red rose")
    shown.locator("[data-copy][href]").click()
    expect(shown.locator("[data-copied]")).to_have_count(1)
    assert shown.evaluate("navigator.clipboard.readText()") == "red rose\na <b>violet</b>\nanother rose"
    with shown.expect_download() as download:
        shown.get_by_role("link", name="Download").click()
    assert download.value.suggested_filename == f"run-{run.pk}.log"


def test_twenty_thousand_lines_come_in_pages_and_can_be_searched(
    world: World, open_page: Open, run: Run
) -> None:
    change(run, status=RunStatus.SUCCESS)
    write(run, *(f"line {number}" for number in range(20_000)))
    shown = open_page(page(run), who="viewer")
    expect(shown.locator("#run-lines .page")).to_have_count(40)
    last = shown.locator("#run-lines .line").last
    expect(last).to_contain_text("line 19999")
    expect(last).to_be_in_viewport()
    shown.get_by_role("searchbox", name="Search the log").fill("line 77")
    expect(shown.locator("#log-found")).to_have_text("1 of 111")
    expect(shown.locator("#run-lines .current")).to_be_in_viewport()


def test_a_list_shows_new_runs_and_leaves_a_selection_alone(world: World, open_page: Open, run: Run) -> None:
    shown = open_page(listing(Run), who="operator")
    rows = shown.locator("#result_list input.action-select")
    expect(rows).to_have_count(1)
    runs.run_now(world.task, ANN, timezone.now())
    expect(rows).to_have_count(2)
    rows.first.check()
    runs.run_now(world.task, ANN, timezone.now())
    shown.locator("select[name=action]").select_option("cancel_selected")
    shown.get_by_role("button", name="Run", exact=True).click()
    expect(shown.get_by_text("1 run is being stopped.")).to_be_visible()
    expect(rows).to_have_count(3)
