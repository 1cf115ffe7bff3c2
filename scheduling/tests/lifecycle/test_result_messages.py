"""What a run's end sends, in the transaction that ends it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError

from notifications import outbox
from notifications.models import Delivery
from scheduling.acts import backfills
from scheduling.execution import Outcome, failed
from scheduling.lifecycle import result_messages, transitions
from scheduling.models import Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import HOUR, MINUTE, NOW
from scheduling.worker.claim import claim
from tenants.access import SYSTEM

pytestmark = pytest.mark.django_db


def ended(task: ScheduledTask, message: Any = None, error: str = "") -> Run:
    run = make.run(task)
    claimed = claim(run.trace_id, "w", NOW)
    assert claimed is not None
    outcome = failed("http_status", error) if error else Outcome("success", message=message)
    transitions.finish(claimed[0], outcome, NOW)
    return run


def sent_to() -> set[tuple[str, int | None]]:
    return {(row.channel_type, row.channel_id or row.wecom_app_id) for row in Delivery.objects.all()}


def test_a_result_goes_to_each_channel_and_to_the_app() -> None:
    first, second, duty = make.channel(), make.channel(channel_type="wecom_bot"), make.wecom_app()
    run = ended(make.task(notify_channels=[first.pk, second.pk], notify_wecom_app=duty), {"content": "x"})
    assert sent_to() == {("dingtalk_bot", first.pk), ("wecom_bot", second.pk), ("wecom_app", duty.pk)}
    assert {(row.log_id, row.kind, row.tenant_id) for row in Delivery.objects.all()} == {
        (run.pk, "result", "acme")
    }


@pytest.mark.parametrize("nothing", [None, "", {}, []])
def test_a_result_that_says_nothing_is_not_queued(nothing: object) -> None:
    ended(make.task(notify_channels=[make.channel().pk]), nothing)
    assert not Delivery.objects.exists()


def test_a_message_that_could_not_be_made_is_a_failed_delivery_that_says_why() -> None:
    task = make.task(notify_channels=[make.channel().pk], notify_wecom_app=make.wecom_app())
    run = make.run(task)
    claimed = claim(run.trace_id, "w", NOW)
    assert claimed is not None
    transitions.finish(claimed[0], Outcome("success", {"n": 1}, unsaid="The template is wrong."), NOW)
    run.refresh_from_db()
    assert (run.status, run.result) == ("success", {"n": 1})
    rows = Delivery.objects.values_list("status", "error", "log_id")
    assert list(rows) == [("failed", "The template is wrong.", run.pk)] * 2


def test_a_failed_run_sends_no_result() -> None:
    ended(make.task(notify_channels=[make.channel().pk]), error="HTTP 500")
    assert not Delivery.objects.exists()


def test_what_is_switched_off_gets_nothing() -> None:
    off = make.channel(is_enabled=False)
    ended(make.task(notify_channels=[off.pk], notify_wecom_app=make.wecom_app(is_enabled=False)), "x")
    assert not Delivery.objects.exists()


def test_another_tenants_channel_and_app_get_nothing_even_if_an_old_row_names_them() -> None:
    task = make.task()
    ScheduledTask.objects.update(
        notify_channels=[make.channel("other").pk], notify_wecom_app=make.wecom_app("other")
    )
    task.refresh_from_db()
    assert result_messages.channels_of(task) == []


def test_a_global_task_may_use_any_tenants() -> None:
    task = make.task(
        tenant=None, notify_channels=[make.channel("other").pk], notify_wecom_app=make.wecom_app("third")
    )
    assert len(result_messages.channels_of(task)) == 2


def test_a_message_that_can_not_be_queued_leaves_the_run_unfinished(monkeypatch: pytest.MonkeyPatch) -> None:
    run = make.run(make.task(notify_channels=[make.channel().pk]))
    claimed = claim(run.trace_id, "w", NOW)
    assert claimed is not None

    def away(*args: object) -> None:
        raise DatabaseError

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "enqueue", away)
        with pytest.raises(DatabaseError):
            transitions.finish(claimed[0], Outcome("success", message="x"), NOW)
    run.refresh_from_db()
    assert run.status == "running"
    assert transitions.finish(claimed[0], Outcome("success", message="x"), NOW)
    assert Delivery.objects.count() == 1


def backfilled(*outcomes: Outcome, sends_messages: bool) -> list[Any]:
    """Carry out a backfill whose runs end so, and return the messages that were queued."""
    task = make.task(notify_channels=[make.channel().pk], overlap_policy="allow", retry_count=0)
    end = NOW - HOUR + len(outcomes) * MINUTE
    of = backfills.start(task, NOW - HOUR, end, 5, SYSTEM, NOW, sends_messages=sends_messages)
    Run.objects.filter(backfill=of).update(published_at=NOW)
    for run, outcome in zip(Run.objects.filter(backfill=of).order_by("pk"), outcomes, strict=True):
        claimed = claim(run.trace_id, "w", NOW)
        assert claimed is not None
        transitions.finish(claimed[0], outcome, NOW)
    return [row.message for row in Delivery.objects.order_by("pk")]


def test_a_backfill_sends_one_summary_when_its_last_run_has_ended() -> None:
    result = Outcome("success", message={"content": "x"})
    [summary] = backfilled(result, failed("http_status", "down"), result, sends_messages=False)
    assert summary["title"].startswith("Backfill of ")
    assert "3 runs have ended, 1 of them failed." in summary["content"]


def test_a_backfill_with_messages_sends_each_and_no_summary() -> None:
    result = Outcome("success", message={"content": "x"})
    assert backfilled(result, result, sends_messages=True) == [{"content": "x"}] * 2
