"""Folding: a robot's backlog leaves in digests, and nothing of it is lost. The clock is given."""

from __future__ import annotations

import re
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from notifications import digest, outbox, sending
from notifications.models import Delivery, DeliveryStatus, NotifyChannel
from notifications.tests.outgoing import START, Clock, channel, drain, queue
from testing.servers.robots import DropAfterBody, Refuse, Robots, Service

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=3, seconds=1)
ENOUGH = digest.MORE_THAN + 1


def pile(to: NotifyChannel, count: int = ENOUGH, **fields: Any) -> list[Delivery]:
    return [queue(to, f"message {n}.", title=f"title {n}.", **fields) for n in range(count)]


def states() -> list[str]:
    return list(Delivery.objects.order_by("pk").values_list("status", flat=True))


def drain_all(robot: str, clock: Clock) -> None:
    while "pending" in states():
        assert clock.at < START + timedelta(minutes=30)
        sending.drain(robot, clock)
        clock.move(7)


def said(robot: Service) -> str:
    """All that the group saw, in order."""
    return "\n".join(str(shown) for shown in robot.shown)


def test_a_backlog_leaves_in_one_message_with_each_ones_title_and_text(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    first, *others = pile(channel(robot))
    clock.at += LATER
    drain(first, clock)
    assert len(robot.shown) == 1
    for n in range(ENOUGH):
        assert f"title {n}." in said(robot)
        assert f"message {n}." in said(robot)
    assert states() == ["sent"] * ENOUGH
    others[-1].refresh_from_db()
    assert (others[-1].sent_at, others[-1].errcode) == (clock.at, "0")
    assert f"#{first.pk}" in sending.note_texts(others[-1].notes)[0]
    assert str(ENOUGH) in sending.note_texts(first.notes)[-1]


@pytest.mark.parametrize(("count", "seconds"), [(ENOUGH - 1, 600), (ENOUGH, 179)])
def test_few_messages_or_young_ones_go_one_by_one(
    count: int, seconds: int, robots: Robots, clock: Clock
) -> None:
    robot = robots.dingtalk()
    rows = pile(channel(robot), count)
    clock.move(seconds)
    drain(rows[0], clock)
    assert len(robot.shown) == 20


def test_500_messages_keep_the_robots_rate_and_order_and_none_is_lost(robots: Robots, clock: Clock) -> None:
    robot, other = robots.dingtalk(), robots.feishu()
    rows = pile(channel(robot), 500)
    aside = channel(other, "feishu_bot")
    while "pending" in states():
        assert clock.at < START + timedelta(minutes=30)
        sending.drain(rows[0].robot, clock)
        assert drain(queue(aside, now=clock.at), clock).sent_at == clock.at
        clock.move(7)
    assert set(states()) == {"sent"}
    assert re.findall(r"title (\d+)\.", said(robot)) == [str(n) for n in range(500)]
    times = [received.at for received in robot.received]
    assert all(b - a >= 60 for a, b in zip(times, times[20:], strict=False))
    assert all(received.reply["errcode"] == 0 for received in robot.received)


def test_a_text_too_long_for_its_share_is_cut_and_every_title_stays(robots: Robots, clock: Clock) -> None:
    robot = robots.wecom()
    rows = pile(channel(robot, "wecom_bot"), 80, content="字" * 300)
    clock.at += LATER
    drain(rows[0], clock)
    titles = re.findall(r"title (\d+)\.", said(robot))
    assert titles[:30] == [str(n) for n in range(30)]
    sent = Delivery.objects.filter(status="sent").count()
    assert len(titles) == sent


def test_mentions_of_a_folded_message_still_ring(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    rows = pile(channel(robot), ENOUGH - 1)
    queue(NotifyChannel.objects.get(), "call", at_mobiles=["13800138000"])
    clock.at += LATER
    drain(rows[0], clock)
    assert "13800138000" in str(robot.shown[0]["at"])


def test_a_digest_whose_answer_was_lost_is_repeated_as_it_was(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    rows = pile(channel(robot))
    clock.at += LATER
    robot.faults.append(DropAfterBody())
    assert drain(rows[0], clock).status == "pending"
    late = queue(NotifyChannel.objects.get(), "came meanwhile", now=clock.at)
    clock.move(10)
    drain(rows[0], clock)
    first, again, after = robot.received
    assert first.body == again.body
    assert "came meanwhile" in str(after.body)
    late.refresh_from_db()
    assert late.status == "sent"
    assert len(robot.shown) == 2


def test_a_digest_that_is_refused_fails_with_all_it_carries(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    rows = pile(channel(robot))
    clock.at += LATER
    robot.faults.append(Refuse(300001, "token is not exist"))
    drain(rows[0], clock)
    assert states() == ["failed"] * ENOUGH
    assert outbox.resend(rows[5], clock.at)
    assert drain(rows[5], clock).status == "sent"
    assert "title 5." in said(robot)
    assert "title 6." not in said(robot)


def test_canceling_a_digest_sets_free_what_it_carries(robots: Robots, clock: Clock) -> None:
    """The others fold anew, without the canceled one: they don't go one by one."""
    robot = robots.dingtalk()
    rows = pile(channel(robot), ENOUGH + 1)
    clock.at += LATER
    robot.faults.append(Refuse(660026, "send too fast"))
    drain(rows[0], clock)
    rows[0].refresh_from_db()
    assert outbox.cancel(rows[0])
    assert not Delivery.objects.filter(digest_id=rows[0].pk, status="pending").exists()
    clock.move(601)
    drain(rows[1], clock)
    assert states() == ["canceled"] + ["sent"] * ENOUGH
    assert len(robot.shown) == 1
    assert "title 0." not in said(robot)


def test_a_digest_that_waits_leaves_what_it_carries_as_it_was(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    rows = pile(channel(robot))
    clock.at += LATER
    robot.faults.append(Refuse(660026, "send too fast"))
    drain(rows[0], clock)
    carried = Delivery.objects.filter(digest_id=rows[0].pk).exclude(pk=rows[0].pk)
    assert set(carried.values_list("status", "errcode", "error")) == {("pending", "", "")}
    assert all(row.notes == [] for row in carried)


def test_a_message_canceled_while_its_digest_is_gathered_drops_out(
    robots: Robots, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = robots.dingtalk()
    rows = pile(channel(robot))
    clock.at += LATER
    fitting = digest._those_that_fit

    def fitting_while_one_is_canceled(*arguments: Any) -> Any:
        assert outbox.cancel(rows[3])
        return fitting(*arguments)

    monkeypatch.setattr(digest, "_those_that_fit", fitting_while_one_is_canceled)
    drain(rows[0], clock)
    assert "title 3." not in said(robot)
    assert states()[3] == "canceled"


@pytest.mark.parametrize(
    ("place", "columns"),
    [
        (0, {"parts_sent": 1}),
        (0, {"attempts": 1}),
        (1, {"attempts": 1}),
        (1, {"digest_id": 1}),
        (1, {"next_attempt_at": START + timedelta(hours=1)}),
    ],
)
def test_what_is_not_fresh_is_not_folded(
    place: int, columns: dict[str, Any], robots: Robots, clock: Clock
) -> None:
    """Neither as the first, nor as one that follows: those behind it wait for their own turn."""
    rows = pile(channel(robots.dingtalk()))
    Delivery.objects.filter(pk=rows[place].pk).update(**columns)
    clock.at += LATER
    claimed = outbox.claim(rows[0].robot, clock.at)
    assert claimed is not None
    assert digest.gather(claimed, clock.at) == []


def test_a_message_for_a_channel_switched_off_meanwhile_is_not_folded(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    on, off = channel(robot), channel(robot)
    first = queue(on)
    pile(off)
    off.is_enabled = False
    off.save()
    clock.at += LATER
    claimed = outbox.claim(first.robot, clock.at)
    assert claimed is not None
    assert digest.gather(claimed, clock.at) == []


def test_a_message_canceled_meanwhile_drops_out(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    rows = pile(channel(robot))
    clock.at += LATER
    robot.faults.append(Refuse(660026, "send too fast"))
    drain(rows[0], clock)
    rows[3].refresh_from_db()
    assert outbox.cancel(rows[3])
    clock.move(601)
    drain(rows[0], clock)
    assert "title 3." not in said(robot)
    assert Counter(states()) == {"sent": ENOUGH - 1, "canceled": 1}


def test_a_worker_that_dies_with_a_digest_loses_nothing(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    rows = pile(channel(robot))
    clock.at += LATER
    first = outbox.claim(rows[0].robot, clock.at)
    assert first is not None
    assert len(digest.gather(first, clock.at)) == ENOUGH
    clock.at += outbox.CLAIM + timedelta(seconds=1)
    outbox.sweep(clock.at)
    drain(rows[0], clock)
    assert states() == ["sent"] * ENOUGH
    assert len(robot.shown) == 1


def test_a_message_that_may_have_arrived_is_not_put_into_a_digest(robots: Robots, clock: Clock) -> None:
    """DingTalk would take the digest for its repetition, and drop it."""
    robot = robots.dingtalk()
    rows = pile(channel(robot))
    robot.faults.append(DropAfterBody())
    drain(rows[0], clock)
    clock.at += LATER
    drain_all(rows[0].robot, clock)
    assert [len(re.findall(r"title \d+", str(received.body))) for received in robot.received[:2]] == [1, 1]
    assert re.findall(r"title (\d+)\.", said(robot)) == [str(n) for n in range(ENOUGH)]


def test_two_channels_of_one_robot_fold_together_where_they_sign_alike(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk(secret="SEC-1")
    same, alike = (channel(robot, sign_secret="SEC-1") for _ in range(2))
    stranger = channel(robot, sign_secret="SEC-of-another-day")
    for n in range(ENOUGH):
        queue(alike if n % 2 else same, f"{n}")
    queue(stranger, "the stranger's")
    first = Delivery.objects.order_by("pk")[0]
    clock.at = first.created_at + LATER
    claimed = outbox.claim(first.robot, clock.at)
    assert claimed is not None
    assert len(digest.gather(claimed, clock.at)) == ENOUGH


def test_a_message_with_nothing_in_it_is_not_carried(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    to = channel(robot)
    rows = pile(to)
    Delivery.objects.filter(pk=rows[10].pk).update(message="")
    clock.at += LATER
    drain_all(rows[0].robot, clock)
    assert Delivery.objects.get(pk=rows[10].pk).status == DeliveryStatus.FAILED
    assert Counter(states()) == {"sent": ENOUGH - 1, "failed": 1}
