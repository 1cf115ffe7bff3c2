"""A message that has ended is sent again, as if it were a new one."""

from __future__ import annotations

import pytest

from notifications import outbox
from notifications.models import Delivery
from notifications.tests.outgoing import Clock, channel, drain, queue
from testing.servers.robots import Refuse, Robots

pytestmark = pytest.mark.django_db


def test_a_failed_message_can_be_sent_again(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    robot.faults.append(Refuse(300001, "token is not exist"))
    row = drain(queue(channel(robot)), clock)
    assert row.status == "failed"
    assert outbox.resend(row, clock.at)
    assert drain(row, clock).status == "sent"


def test_what_is_sent_again_begins_anew(robots: Robots, clock: Clock) -> None:
    row = queue(channel(robots.dingtalk()))
    before = row.msg_uuid
    spent = {
        "status": "failed",
        "attempts": 4,
        "parts_sent": 2,
        "digest_id": 1,
        "smaller": True,
        "error": "x",
        "msg_type": "text",
        "request": {"url": "x", "payloads": []},
        "response": "{}",
        "errcode": "300001",
        "errmsg": "token is not exist",
        "notes": [{"code": "cut", "values": {}}],
    }
    new = {name: getattr(row, name) for name in spent}
    Delivery.objects.update(**spent)
    assert outbox.resend(row, clock.at)
    row.refresh_from_db()
    assert {name: getattr(row, name) for name in spent} == new
    assert row.msg_uuid != before


def test_a_message_under_a_robots_old_name_still_leaves_and_is_resent_under_the_new_one(
    robots: Robots, clock: Clock
) -> None:
    """Releases before this one named a robot without its tenant."""
    row = queue(channel(robots.dingtalk()))
    now = row.robot
    Delivery.objects.update(robot="before")
    row.refresh_from_db()
    assert outbox.sweep(clock.at) == {"before": "acme"}
    assert drain(row, clock).status == "sent"
    assert outbox.resend(row, clock.at)
    row.refresh_from_db()
    assert row.robot == now
