"""When a run is worth an alert, and when the same one was told just before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from notifications.models import Delivery
from scheduling.execution import Outcome, failed, success
from scheduling.lifecycle import run_alerts, transitions
from scheduling.models import FailureGroup, FailureState, Run, ScheduledTask
from scheduling.tests import make
from scheduling.tests.make import HOUR, MINUTE, NOW
from scheduling.worker.claim import claim
from tenants.models import Tenant

pytestmark = pytest.mark.django_db
HOOK, OTHER = "https://alerts.example.com/hook", "https://platform.example.com/hook"
SILENCE = timedelta(seconds=600)


def task(**columns: Any) -> ScheduledTask:
    defaults: dict[str, Any] = {"alert_on_failure": True, "alert_webhook": HOOK}
    return make.task(**defaults | columns)


def end(of: ScheduledTask, outcome: Outcome, at: Any = NOW, took: timedelta = timedelta(0)) -> Run:
    run = make.run(of, at - took)
    claimed = claim(run.trace_id, "w", at - took)
    assert claimed is not None
    assert transitions.finish(claimed[0], outcome, at)
    return claimed[0]


def fail(of: ScheduledTask, at: Any = NOW, **more: Any) -> Run:
    return end(of, failed("http_status", "HTTP 500"), at, **more)


def succeed(of: ScheduledTask, at: Any = NOW, **more: Any) -> Run:
    return end(of, success(), at, **more)


def told() -> list[tuple[str, str]]:
    """(kind of delivery, event) in order."""
    rows = Delivery.objects.order_by("pk")
    return [(row.kind, (row.message or {})["event"]) for row in rows]


def events() -> list[str]:
    return [event for _, event in told()]


class TestFailure:
    def test_is_told_with_what_one_needs_to_know(self) -> None:
        of = task()
        run = fail(of)
        alert = Delivery.objects.get()
        assert (alert.kind, alert.channel_type, alert.address) == ("alert", "json", HOOK)
        assert alert.message is not None
        said = {name: alert.message[name] for name in ("event", "task_id", "log_id", "error_code", "status")}
        assert said == {
            "event": "task_failed",
            "task_id": of.pk,
            "log_id": run.pk,
            "error_code": "http_status",
            "status": "failed",
        }

    def test_comes_after_the_last_attempt(self) -> None:
        of = task(retry_count=1, retry_interval=1)
        run = fail(of)
        assert events() == []
        again = claim(run.trace_id, "w", NOW + MINUTE)
        assert again is not None
        transitions.finish(again[0], failed("http_status", "HTTP 500"), NOW + MINUTE)
        assert events() == ["task_failed"]

    @pytest.mark.parametrize("columns", [{"alert_on_failure": False}, {"alert_webhook": ""}])
    def test_is_not_told_where_nobody_wants_to_hear(self, columns: dict[str, Any]) -> None:
        fail(task(**columns))
        assert events() == []

    def test_is_told_once_in_a_silence_period(self) -> None:
        of = task()
        for after in (timedelta(0), MINUTE, SILENCE - timedelta(seconds=1), SILENCE, SILENCE + MINUTE):
            fail(of, NOW + after)
        assert events() == ["task_failed"] * 2

    def test_of_another_task_is_other_news(self) -> None:
        fail(task())
        fail(task())
        assert events() == ["task_failed"] * 2

    def test_waits_for_so_many_in_a_row(self) -> None:
        of = task(alert_after_failures=3)
        fail(of)
        fail(of)
        succeed(of)
        fail(of)
        fail(of)
        assert events() == []
        fail(of)
        assert events() == ["task_failed"]
        assert run_alerts.failures_in_a_row(of) == 3

    def test_skipped_and_canceled_runs_neither_count_nor_interrupt(self) -> None:
        of = task(alert_after_failures=2)
        fail(of)
        make.run(of, status="skipped")
        make.run(of, status="canceled")
        fail(of)
        assert events() == ["task_failed"]

    def test_is_not_told_while_it_is_muted(self) -> None:
        of = task()
        fail(of)
        FailureGroup.objects.update(state=FailureState.MUTED, muted_until=NOW + 2 * HOUR)
        fail(of, NOW + HOUR)
        assert events() == ["task_failed"]
        fail(of, NOW + 2 * HOUR)
        assert events() == ["task_failed", "task_failed"]

    def test_of_another_kind_is_told_though_one_is_muted(self) -> None:
        of = task()
        fail(of)
        FailureGroup.objects.update(state=FailureState.MUTED)
        end(of, failed("timeout", "Too late."), NOW + HOUR)
        assert events() == ["task_failed", "task_failed"]

    def test_that_comes_back_is_told_in_the_silence_period(self) -> None:
        of = task()
        fail(of)
        FailureGroup.objects.update(state=FailureState.RESOLVED)
        fail(of, NOW + MINUTE)
        fail(of, NOW + 2 * MINUTE)
        assert events() == ["task_failed", "task_failed"]

    def test_the_silence_is_the_operators_to_set(self, settings: Settings) -> None:
        settings.ALERT_SILENCE_SECONDS = 30
        of = task()
        fail(of)
        fail(of, NOW + timedelta(seconds=30))
        assert events() == ["task_failed"] * 2


class TestRecovery:
    def test_is_told_where_a_failure_was(self) -> None:
        of = task(alert_on_recovery=True)
        fail(of)
        succeed(of, NOW + MINUTE)
        succeed(of, NOW + 2 * MINUTE)
        assert told() == [("alert", "task_failed"), ("recovery", "task_recovered")]

    def test_is_no_news_after_failures_that_were_not_told(self) -> None:
        of = task(alert_on_recovery=True, alert_after_failures=2)
        fail(of)
        succeed(of)
        assert events() == []

    def test_makes_the_next_failure_news_again(self) -> None:
        of = task(alert_on_recovery=True)
        fail(of)
        succeed(of, NOW + MINUTE)
        fail(of, NOW + 2 * MINUTE)
        assert events() == ["task_failed", "task_recovered", "task_failed"]

    def test_untold_leaves_the_silence_as_it_was(self) -> None:
        of = task()
        fail(of)
        succeed(of, NOW + MINUTE)
        fail(of, NOW + 2 * MINUTE)
        assert events() == ["task_failed"]

    def test_of_long_ago_is_not_told_when_somebody_begins_to_ask_for_it(self) -> None:
        of = task()
        fail(of)
        succeed(of, NOW + MINUTE)
        ScheduledTask.objects.update(alert_on_recovery=True)
        succeed(of, NOW + HOUR)
        assert events() == ["task_failed"]


class TestAMissedRun:
    def test_is_told_once_for_all_that_were_reached_too_late(self) -> None:
        of = task(alert_on_missed=True, misfire_policy="skip")
        make.tick(NOW + HOUR)
        assert told() == [("missed", "task_missed")]
        alert = Delivery.objects.get()
        latest = Run.objects.filter(task=of, status="missed").latest("due_at")
        assert alert.log_id == latest.pk
        assert alert.message is not None
        assert alert.message["error_code"] == "misfire"
        missed = Run.objects.filter(task=of, status="missed").count()
        assert f"{missed} due times" in alert.message["error"]

    def test_is_not_told_unasked(self) -> None:
        of = task(misfire_policy="skip")
        make.tick(NOW + HOUR)
        assert Run.objects.filter(task=of, status="missed").exists()
        assert events() == []


class TestARunThatTakesTooLong:
    def going(self, of: ScheduledTask) -> Run:
        run = make.run(of)
        claimed = claim(run.trace_id, "w", NOW)
        assert claimed is not None
        return claimed[0]

    def test_is_told_while_it_goes_on_and_once(self) -> None:
        run = self.going(task(alert_max_duration_seconds=60))
        run_alerts.alert_too_long(NOW + MINUTE)
        assert events() == []
        for minutes in (2, 3, 60):
            run_alerts.alert_too_long(NOW + minutes * MINUTE)
        assert events() == ["task_too_long"]
        transitions.finish(run, success(), NOW + 90 * MINUTE)
        assert events() == ["task_too_long"]

    def test_is_told_at_its_end_where_nobody_looked_before(self) -> None:
        of = task(alert_max_duration_seconds=3)
        succeed(of, NOW, took=timedelta(seconds=3))
        assert events() == []
        succeed(of, NOW, took=timedelta(seconds=4))
        assert events() == ["task_too_long"]

    def test_the_next_run_is_news_after_the_silence(self) -> None:
        of = task(alert_max_duration_seconds=3, overlap_policy="allow")
        for after in (timedelta(0), MINUTE, SILENCE):
            succeed(of, NOW + after, took=MINUTE)
        assert events() == ["task_too_long"] * 2

    def test_the_message_says_how_long_and_what_was_expected(self) -> None:
        robot = "https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef"
        succeed(task(alert_max_duration_seconds=60, alert_webhook=robot), took=2 * MINUTE)
        alert = Delivery.objects.get()
        assert alert.channel_type == "dingtalk_bot"
        assert "120" in str(alert.message)
        assert "60" in str(alert.message)

    def test_no_limit_no_alert(self) -> None:
        self.going(task())
        run_alerts.alert_too_long(NOW + 100 * HOUR)
        assert events() == []


class TestALostWorker:
    def lose(self, of: ScheduledTask, at: Any = NOW) -> Run:
        run = make.run(of, at)
        claimed = claim(run.trace_id, "w1", at)
        assert claimed is not None
        assert transitions.lose(claimed[0], at + HOUR)
        return claimed[0]

    def test_is_told_though_the_run_is_taken_over(self) -> None:
        run = self.lose(task())
        run.refresh_from_db()
        assert run.status == "queued"
        alert = Delivery.objects.get()
        assert alert.message is not None
        assert (alert.message["event"], alert.message["error_code"]) == ("worker_lost", "worker_lost")
        assert "w1" in alert.message["error"]

    def test_is_told_beside_the_failure_that_it_causes(self) -> None:
        self.lose(task(retry_on_worker_lost=False))
        assert events() == ["worker_lost", "task_failed"]

    def test_concerns_the_platform_where_the_task_has_no_address(self, settings: Settings) -> None:
        settings.PLATFORM_ALERT_WEBHOOK = OTHER
        self.lose(task(alert_webhook=""))
        assert Delivery.objects.get().address == OTHER

    def test_concerns_the_tenant_first(self, settings: Settings) -> None:
        settings.PLATFORM_ALERT_WEBHOOK = OTHER
        make.tenant()
        Tenant.objects.filter(code="acme").update(alert_webhook=HOOK)
        self.lose(task(alert_on_failure=False, alert_webhook="https://not.asked.example.com"))
        assert Delivery.objects.get().address == HOOK

    def test_is_not_told_while_it_is_muted(self, settings: Settings) -> None:
        settings.PLATFORM_ALERT_WEBHOOK = OTHER
        self.lose(make.task(retry_on_worker_lost=False))
        [row] = Delivery.objects.all()
        FailureGroup.objects.update(state=FailureState.MUTED)
        self.lose(FailureGroup.objects.get().task, NOW + 2 * HOUR)
        assert list(Delivery.objects.all()) == [row]

    def test_without_any_address_only_the_dashboard_tells(self) -> None:
        self.lose(task(alert_webhook=""))
        assert events() == []
