"""kill -9 of the worker that sends messages: none is lost, and none is shown twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from notifications import outbox
from notifications.models import Delivery, DeliveryKind, NotifyChannel
from notifications.outbox import OutgoingMessage
from testing.callers import tenant
from testing.patience import eventually
from testing.processes import Processes
from testing.servers.robots import Fault, Ignore, Robots, Service, Stall

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def processes() -> Iterator[Processes]:
    with Processes() as running:
        yield running


@pytest.fixture
def robots() -> Iterator[Robots]:
    with Robots() as running:
        yield running


def queue(robot: Service, kind: str, count: int) -> list[Delivery]:
    to = NotifyChannel.objects.create(
        tenant=tenant(), channel_name="ops", channel_type=kind, webhook_url=robot.url
    )
    letters = [
        OutgoingMessage({"msg_type": "text", "content": f"{n}"}, DeliveryKind.RESULT) for n in range(count)
    ]
    return [outbox.enqueue([to], letter, timezone.now())[0] for letter in letters]


def statuses() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


def texts(robot: Service) -> list[Any]:
    return [shown["text"]["content"] for shown in robot.shown]


def killed_while(fault: Fault, robot: Service, kind: str, processes: Processes) -> None:
    """A worker takes the first of three messages, runs into the fault, and is killed; another one follows.

    The claim of the dead ends now instead of in three minutes.
    """
    robot.faults.append(fault)
    first, *_ = queue(robot, kind, 3)
    processes.beat()
    worker = processes.worker("threads", 2, "notify")
    shown = 1 if isinstance(fault, Stall) else 0
    eventually(lambda: not robot.faults and len(robot.shown) == shown)
    assert statuses() == ["sending", "pending", "pending"]
    processes.kill(worker)
    Delivery.objects.filter(pk=first.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    processes.worker("threads", 2, "notify")
    eventually(lambda: "pending" not in statuses() and "sending" not in statuses())


def test_between_claim_and_send_the_message_goes_out_once(robots: Robots, processes: Processes) -> None:
    robot = robots.dingtalk()
    killed_while(Ignore(), robot, "dingtalk_bot", processes)
    assert statuses() == ["sent"] * 3
    assert texts(robot) == ["0", "1", "2"]


def test_between_send_and_mark_dingtalk_shows_the_repetition_once(
    robots: Robots, processes: Processes
) -> None:
    robot = robots.dingtalk()
    killed_while(Stall(), robot, "dingtalk_bot", processes)
    assert statuses() == ["sent"] * 3
    assert texts(robot) == ["0", "1", "2"]
    assert len(robot.received) == 4


def test_between_send_and_mark_a_robot_that_would_show_it_twice_gets_it_once(
    robots: Robots, processes: Processes
) -> None:
    robot = robots.wecom()
    killed_while(Stall(), robot, "wecom_bot", processes)
    assert statuses() == ["unknown", "sent", "sent"]
    assert texts(robot) == ["0", "1", "2"]
