"""A channel that breaks is told to its owner, by the outbox like everything else."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from notifications import alerts, sending, trial
from notifications.facts import RunFacts
from notifications.models import Delivery, NotifyChannel
from notifications.tests.outgoing import START, Clock, app, channel, drain, queue, tenant
from tenants.access import SYSTEM
from testing.servers.robots import Refuse, Robots, Status
from testing.servers.webhook import Webhook

pytestmark = pytest.mark.django_db
HOOK = "https://alerts.example.com/hook"
GONE = Refuse(300001, "token is not exist")


@pytest.fixture(autouse=True)
def _alerts_go_somewhere(settings: Settings) -> None:
    settings.PLATFORM_ALERT_WEBHOOK = HOOK


def broken_by(robots: Robots, fault: Any, clock: Clock, **columns: Any) -> NotifyChannel:
    robot = robots.dingtalk()
    robot.faults.append(fault)
    to = channel(robot, **columns)
    drain(queue(to, now=clock.at), clock)
    return to


def alerts_queued() -> list[Delivery]:
    return list(Delivery.objects.filter(kind="alert").order_by("pk"))


def test_a_refusal_that_stays_is_told_to_the_platform(robots: Robots, clock: Clock) -> None:
    broken_by(robots, GONE, clock)
    (alert,) = alerts_queued()
    assert (alert.address, alert.channel_type, alert.tenant_id) == (HOOK, "json", "acme")
    assert alert.message is not None
    assert alert.message["event"] == "channel_broken"
    assert (alert.message["task_name"], alert.message["error_code"]) == ("ops", "300001")


def test_it_is_told_to_the_tenant_first(robots: Robots, clock: Clock) -> None:
    robot = robots.feishu()
    tenant(alert_webhook=robot.url)
    broken_by(robots, GONE, clock)
    (alert,) = alerts_queued()
    assert alert.channel_type == "feishu_bot"
    assert drain(alert, clock).status == "sent"
    assert "ops" in str(robot.shown)


def test_it_is_told_once_in_a_silence_period(robots: Robots, clock: Clock) -> None:
    to = broken_by(robots, GONE, clock)
    for seconds in (60, 539, 1):
        clock.move(seconds)
        robots.services[0].faults.append(GONE)
        drain(queue(to, now=clock.at), clock)
    assert len(alerts_queued()) == 2


def test_a_service_in_trouble_is_no_broken_channel(robots: Robots, clock: Clock) -> None:
    broken_by(robots, Status(502), clock, max_attempts=1)
    assert Delivery.objects.get().status == "failed"


def test_a_message_that_is_at_fault_itself_is_no_broken_channel(robots: Robots, clock: Clock) -> None:
    broken_by(robots, Refuse(400402, "text is missing"), clock)
    assert Delivery.objects.get().status == "failed"


def test_who_tests_a_channel_reads_the_answer_and_gets_no_alert(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    robot.faults.append(GONE)
    assert trial.send(channel(robot), SYSTEM, "hello", clock).status == "failed"
    assert alerts_queued() == []


def test_an_application_whose_secret_is_refused_is_broken_too(robots: Robots, clock: Clock) -> None:
    to = app(robots.wecom_app(), corp_secret="of yesterday")
    assert drain(queue(to), clock).status == "failed"
    (alert,) = alerts_queued()
    assert alert.message is not None
    assert alert.message["task_name"] == "duty"
    to.refresh_from_db()
    assert to.last_error


def test_an_alert_to_a_channels_robot_is_signed_with_the_channels_secret(
    robots: Robots, clock: Clock
) -> None:
    clock.at = datetime.now(UTC)  # by which the sender signs
    robot = robots.dingtalk(secret="SEC-1")
    to = channel(robot, sign_secret="SEC-1")
    (alert,) = alerts.enqueue("task_failed", RunFacts(task_name="t", tenant_id="acme"), robot.url, clock.at)
    assert alert.channel_id == to.pk
    assert drain(alert, clock).status == "sent"


def test_another_tenants_channel_lends_no_secret(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk(secret="SEC-1")
    channel(robot, sign_secret="SEC-1")
    facts = RunFacts(task_name="t", tenant_id="other")
    (alert,) = alerts.enqueue("task_failed", facts, robot.url, clock.at)
    assert alert.channel_id is None


def test_an_alert_by_a_broken_channel_makes_no_other(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    channel(robot)
    robot.faults.append(GONE)
    facts = RunFacts(task_name="t", tenant_id="acme")
    (alert,) = alerts.enqueue("task_failed", facts, robot.url, clock.at)
    assert drain(alert, clock).status == "failed"
    assert len(alerts_queued()) == 1


def test_an_alert_that_is_refused_itself_makes_no_other(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    robot.faults.append(GONE)
    (alert,) = alerts.enqueue("task_failed", RunFacts(task_name="t"), robot.url, START)
    assert drain(alert, clock).status == "failed"
    assert len(alerts_queued()) == 1


def test_without_an_address_only_the_channel_shows_it(
    robots: Robots, clock: Clock, settings: Settings
) -> None:
    settings.PLATFORM_ALERT_WEBHOOK = ""
    to = broken_by(robots, GONE, clock)
    to.refresh_from_db()
    assert to.last_error == "300001: token is not exist"
    assert alerts_queued() == []


def test_an_address_that_is_no_robot_gets_json(clock: Clock) -> None:
    with Webhook() as hook:
        (row,) = alerts.enqueue("task_failed", RunFacts(task_id=7, task_name="nightly"), hook.url, START)
        assert drain(row, clock).status == "sent"
    body = hook.calls[0].json()
    assert (body["event"], body["task_id"], body["task_name"]) == ("task_failed", 7, "nightly")
    assert sending.note_texts(row.notes) == []
