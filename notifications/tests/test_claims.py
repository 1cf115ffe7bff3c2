"""A claim of three minutes, and a worker that outlives it: what it finds out later changes nothing any more."""

from __future__ import annotations

from typing import Any

import pytest

from notifications import digest, outbox, outcomes, sending
from notifications.models import Delivery, DeliveryStatus, NotifyChannel
from notifications.senders import Answer, Outcome
from notifications.tests.outgoing import START, Clock, channel, drain, queue
from testing.servers.robots import Robots

pytestmark = pytest.mark.django_db
ANSWERS = [
    Answer(Outcome.SENT),
    Answer(Outcome.PERMANENT, "300001", "token is not exist"),
    Answer(Outcome.TRANSIENT, "-1", "system busy"),
    Answer(Outcome.SIZE, "460101", "message too long"),
    Answer(Outcome.RATE, "660026", "send too fast", pause_seconds=5),
    Answer(Outcome.UNKNOWN, errmsg="broken off"),
]


def outlived(to: NotifyChannel, clock: Clock) -> tuple[Delivery, Delivery]:
    """The delivery as the first worker has it, and as the one that has claimed it since."""
    first = outbox.claim(queue(to).robot, clock.at)
    clock.move(outbox.CLAIM.total_seconds() + 1)
    outbox.sweep(clock.at)
    second = outbox.claim(to.destination_key, clock.at)
    assert first is not None
    assert second is not None
    return first, second


def stored(delivery: Delivery) -> dict[str, Any]:
    return dict(Delivery.objects.filter(pk=delivery.pk).values().get())


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: str(answer.outcome))
def test_its_answer_closes_nothing_and_nobody_hears_of_it(
    answer: Answer, robots: Robots, clock: Clock
) -> None:
    to = channel(robots.dingtalk())
    first, second = outlived(to, clock)
    before = stored(second)
    (outcomes.write_sent if answer.ok else outcomes.write_not_sent)(first, answer, clock.at)
    assert stored(second) == before
    to.refresh_from_db()
    assert (to.last_error, to.last_ok_at) == ("", None)
    assert Delivery.objects.count() == 1


def test_it_sends_nothing_more(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    first, second = outlived(channel(robot), clock)
    before = stored(second)
    sending.deliver(first, clock)
    assert robot.received == []
    assert stored(second) == before
    sending.deliver(second, clock)
    assert len(robot.shown) == 1


def test_of_a_message_in_parts_it_sends_no_further_one(
    robots: Robots, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = robots.wecom()
    to = channel(robot, "wecom_bot")
    row = queue(to, msg_type="markdown", content="word " * 3000)
    send = sending._send_part

    def send_slowly(*arguments: Any) -> Answer:
        answer = send(*arguments)
        Delivery.objects.filter(pk=row.pk).update(claimed_until=START)  # somebody else's
        return answer

    monkeypatch.setattr(sending, "_send_part", send_slowly)
    claimed = outbox.claim(row.robot, clock.at)
    assert claimed is not None
    sending.deliver(claimed, clock)
    assert len(robot.received) == 1
    assert stored(row)["parts_sent"] == 0


def test_it_gathers_no_digest(robots: Robots, clock: Clock) -> None:
    to = channel(robots.dingtalk())
    first, _ = outlived(to, clock)
    first.attempts = 0
    for _ in range(digest.MORE_THAN + 1):
        queue(to)
    assert digest.gather(first, clock.at) == []
    assert not Delivery.objects.filter(digest_id__isnull=False).exists()


def test_a_claim_that_lasts_is_closed_by_its_worker(robots: Robots, clock: Clock) -> None:
    assert drain(queue(channel(robots.dingtalk())), clock).status == DeliveryStatus.SENT
