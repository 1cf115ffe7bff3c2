"""/metrics: who may read it, and what it says."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django.fixtures import Settings
from redis import Redis

from common import metrics as figures
from common import process_registry
from common.process_registry import ProcessEntry
from notifications import outbox, rates
from notifications.models import Delivery, DeliveryStatus
from platform_site.observability import metrics
from scheduling.beat import reaper
from scheduling.execution import Outcome
from scheduling.lifecycle import transitions
from scheduling.lifecycle.metrics import RUNS
from scheduling.models import Run
from scheduling.tests import make
from scheduling.worker.claim import begin, claim
from tenants import tokens
from tenants.access import SYSTEM
from tenants.models import Tenant
from testing.callers import tenant, user

pytestmark = pytest.mark.django_db
TOKEN = "scrape-me"


@pytest.fixture(autouse=True)
def _token(settings: Settings) -> None:
    settings.METRICS_TOKEN = TOKEN


def scrape(token: str = TOKEN) -> Any:
    return Client().get("/metrics", headers={"authorization": f"Bearer {token}"})


def samples() -> dict[str, float]:
    """ "name,value,…" as Prometheus reads them, without the prefix; the values in the order of their labels' names."""
    families = text_string_to_metric_families(scrape().content.decode())
    return {
        ",".join([sample.name.removeprefix("platform_"), *sample.labels.values()]): sample.value
        for family in families
        for sample in family.samples
    }


def test_only_its_own_token_and_superusers_read_it(settings: Settings) -> None:
    root, ann = user("root", is_superuser=True), user("ann", {"acme": "admin"})
    assert scrape().status_code == 200
    assert scrape(tokens.issue(root, "t", SYSTEM)[1]).status_code == 200
    assert scrape(tokens.issue(root, "t", SYSTEM, tenant=tenant())[1]).status_code == 401
    assert scrape(tokens.issue(ann, "t", SYSTEM)[1]).status_code == 401
    assert scrape("").status_code == 401
    settings.METRICS_TOKEN = ""
    assert scrape().status_code == scrape("").status_code == 401


def test_a_session_reads_it_as_a_superuser_only() -> None:
    client = Client()
    assert client.get("/metrics").status_code == 401
    client.force_login(user("ann", {"acme": "admin"}))
    assert client.get("/metrics").status_code == 401
    client.force_login(user("root", is_superuser=True))
    assert client.get("/metrics")["Content-Type"].startswith("text/plain; version=0.0.4")


def test_unfinished_runs_are_told_by_status_and_kind() -> None:
    now, task = timezone.now(), make.task(timezone.now())
    hook = make.task(now, execution_type="webhook", webhook_url="https://a.b")
    make.run(task, now, status="running"), make.run(task, now, status="success")
    make.run(hook, now), make.run(hook, now + timedelta(hours=1))
    found = samples()
    assert found["runs_unfinished,script,running"] == 1
    assert found["runs_unfinished,webhook,queued"] == 1


def test_each_end_of_a_run_is_counted_once(django_capture_on_commit_callbacks: Any) -> None:
    now, task = timezone.now(), make.task(timezone.now())
    run, late, waiting = (make.run(task, now) for _ in range(3))
    with django_capture_on_commit_callbacks(execute=True):
        assert transitions.claim(run, task, "w", now)
        run.refresh_from_db()
        assert transitions.finish(run, Outcome("success"), now + timedelta(seconds=2))
        assert not transitions.finish(run, Outcome("success"), now)
        assert transitions.skip([late.pk], "overlap", "", now)
        assert not transitions.skip([late.pk], "overlap", "", now)
        assert transitions.cancel(waiting, now, "ann")
    figures.flush()
    found = samples()
    ends = (",success", "overlap,skipped", "canceled,canceled", "timeout,failed")
    assert [found[f"runs_total,script,{end}"] for end in ends] == [1, 1, 1, 0]
    assert found["run_seconds_sum,script"] == 2
    buckets = {key: n for key, n in found.items() if key.startswith("run_seconds_bucket,script,")}
    assert (buckets["run_seconds_bucket,script,1"], buckets["run_seconds_bucket,script,5"]) == (0, 1)


def test_a_missed_due_time_is_counted(django_capture_on_commit_callbacks: Any) -> None:
    made = timezone.now()
    make.task(made, misfire_policy="skip")
    with django_capture_on_commit_callbacks(execute=True):
        make.tick(made + timedelta(hours=1))
    figures.flush()
    assert samples()["runs_total,script,misfire,missed"] > 1


def test_every_count_is_told_before_it_counts() -> None:
    """Prometheus sees no rise where a count begins with its first event."""
    found = samples()
    assert found["runs_total,webhook,misfire,missed"] == found["run_seconds_count,webhook"] == 0
    assert found["deliveries_total,json,failed"] == found["rate_pause_seconds_total,feishu_bot,us"] == 0
    assert found["attempts_lost_total,script"] == found["sandbox_starts_total,1"] == 0


def test_a_switched_off_tenants_due_times_are_counted_by_their_reason(
    django_capture_on_commit_callbacks: Any,
) -> None:
    made = timezone.now()
    make.task(made)
    Tenant.objects.update(is_enabled=False)
    with django_capture_on_commit_callbacks(execute=True):
        make.tick(made + timedelta(minutes=1))
    figures.flush()
    assert samples()["runs_total,script,disabled,skipped"] == Run.objects.count() > 0


def test_what_an_older_version_has_counted_without_a_reason_goes_on(redis: Redis) -> None:
    redis.hset(figures.KEY, '["platform_runs", "success", "script"]', "40")
    RUNS.add("success", "script", "")
    figures.flush()
    assert samples()["runs_total,script,,success"] == 41


def test_a_run_that_is_refused_unread_is_counted(django_capture_on_commit_callbacks: Any) -> None:
    now = timezone.now()
    run = make.run(make.task(now), now)
    with django_capture_on_commit_callbacks(execute=True):
        assert transitions.refuse(run.trace_id, "w", "No key opens it.", now)
        assert not transitions.refuse(run.trace_id, "w", "No key opens it.", now)
    figures.flush()
    assert samples()["runs_total,script,config_error,failed"] == 1


def test_an_attempt_that_a_worker_did_not_live_to_end_is_counted(
    django_capture_on_commit_callbacks: Any,
) -> None:
    """Also where the run goes on."""
    now, task = timezone.now(), make.task(timezone.now())
    run = make.run(task, now)
    assert transitions.claim(run, task, "w", now)
    with django_capture_on_commit_callbacks(execute=True):
        assert reaper.reap(now + timedelta(minutes=1)) == 1
    figures.flush()
    assert samples()["attempts_lost_total,script"] == 1
    assert Run.objects.get().status == "queued"


def test_lateness_is_from_the_due_time_to_the_first_start_of_scheduled_runs() -> None:
    due, task = timezone.now(), make.task(timezone.now())
    run = make.run(task, due, trigger="schedule", due_at=due)
    by_hand = make.run(make.task(due), due)
    for one in (run, by_hand):
        found_run = claim(one.trace_id, "w", due + timedelta(seconds=7))
        assert found_run is not None
        begin(*found_run, due + timedelta(seconds=7))
    figures.flush()
    found = samples()
    assert found["due_to_claimed_seconds_bucket,script,5"] == 0
    assert found["due_to_claimed_seconds_bucket,script,10"] == 1
    assert found["due_to_claimed_seconds_count,script"] == 1


def test_a_queue_is_as_deep_as_its_messages_and_the_rows_that_wait(redis: Redis) -> None:
    now = timezone.now()
    task = make.task(now)
    make.run(task, now), make.run(task, now), make.run(task, now, published_at=now)
    redis.lpush("script", "message")
    Delivery.objects.create(msg_uuid="u", robot="r", kind="result", next_attempt_at=now)
    found = samples()
    assert (found["queue_waiting_rows,script"], found["queue_messages,script"]) == (2, 1)
    assert (found["queue_waiting_rows,io"], found["queue_messages,io"]) == (0, 0)
    assert (found["queue_waiting_rows,notify"], found["queue_messages,notify"]) == (1, 0)


def test_demand_is_what_waits_and_what_is_worked_on() -> None:
    now, task = timezone.now(), make.task(timezone.now())
    make.run(task, now, status="running"), make.run(task, now), make.run(task, now + timedelta(hours=1))
    Delivery.objects.create(msg_uuid="u", robot="r", kind="result", status="sending", next_attempt_at=now)
    answer = Client().get("/metrics/demand", headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.json() == {"io": 0, "script": 2, "notify": 1}
    assert samples()["queue_demand,script"] == 2
    assert Client().get("/metrics/demand").status_code == 401


def test_a_deliverys_end_is_counted_and_open_ones_are_told(django_capture_on_commit_callbacks: Any) -> None:
    now = timezone.now()
    sending, _ = (
        Delivery.objects.create(
            msg_uuid="u", robot="r", kind="result", status=s, next_attempt_at=now, channel_type="wecom_bot"
        )
        for s in ("sending", "pending")
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert outbox.close(sending, DeliveryStatus.SENT)
        assert not outbox.close(sending, DeliveryStatus.FAILED)
    figures.flush()
    found = samples()
    assert found["deliveries_total,wecom_bot,sent"] == found["deliveries_open,pending"] == 1
    assert found["deliveries_total,wecom_bot,failed"] == 0


def test_a_canceled_delivery_is_counted(django_capture_on_commit_callbacks: Any) -> None:
    now = timezone.now()
    row = Delivery.objects.create(
        msg_uuid="u", robot="r", kind="result", next_attempt_at=now, channel_type="wecom_bot"
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert outbox.cancel(row)
        assert not outbox.cancel(row)
    figures.flush()
    assert samples()["deliveries_total,wecom_bot,canceled"] == 1


def test_a_message_that_nobody_sends_is_told_by_how_long_it_is_due() -> None:
    now = timezone.now()
    assert samples()["outbox_stuck_seconds"] == 0
    Delivery.objects.create(
        msg_uuid="u", robot="r", kind="result", next_attempt_at=now - timedelta(minutes=2)
    )
    assert samples()["outbox_stuck_seconds"] >= 120


def test_the_seconds_that_a_robot_keeps_quiet_are_counted_by_who_asked_for_them() -> None:
    for _ in range(21):
        rates.seconds_to_wait("wecom_bot", "robot")
    rates.record_refusal("wecom_bot", "robot", 60)
    figures.flush()
    found = samples()
    assert 0 < found["rate_pause_seconds_total,wecom_bot,us"] <= 60
    assert found["rate_pause_seconds_total,wecom_bot,service"] == 60


def test_it_says_who_is_alive() -> None:
    process_registry.announce(ProcessEntry("beat", "b", [], 0))
    process_registry.announce(ProcessEntry("worker", 'odd "name"', ["io", "notify"], 8))
    process_registry.announce(ProcessEntry("worker", "script@a", ["script"], 2, sandbox_level=3))
    found = samples()
    assert found["beat_tick_age_seconds,b"] >= 0
    assert found['worker_slots,notify,odd "name"'] == 8
    assert found["worker_sandbox_level,script@a"] == 3
    assert 'worker_sandbox_level,odd "name"' not in found


def test_without_redis_the_rest_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "client", lambda: Redis(port=1, socket_connect_timeout=1))
    found = samples()
    assert (found["up,redis"], found["up,database"]) == (0, 1)
    assert "queue_waiting_rows,io" in found


def test_without_the_database_the_rest_is_still_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(now: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setitem(metrics.PARTS, "database", (away,))
    found = samples()
    assert (found["up,redis"], found["up,database"]) == (1, 0)
    assert "queue_messages,io" in found
