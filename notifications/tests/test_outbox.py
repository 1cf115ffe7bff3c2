"""The outbox against strict robots on real sockets, and a real Redis for their rates; the clock is given."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import redis

from notifications import outbox, outcomes, rates, sending
from notifications.models import Delivery, DeliveryKind, NotifyChannel
from notifications.outbox import OutgoingMessage
from notifications.senders import Answer, Outcome, Target
from notifications.senders.dingtalk import DingTalkSender
from notifications.tests.outgoing import START, Clock, app, channel, drain, queue, tenant, texts
from testing.servers.robots import DropAfterBody, Refuse, Robots, Status

pytestmark = pytest.mark.django_db


def test_a_message_is_sent_and_what_the_service_said_is_kept(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    sent = drain(queue(channel(robot)), clock)
    assert (sent.status, sent.errcode, sent.attempts, sent.sent_at) == ("sent", "0", 1, START)
    assert len(robot.shown) == 1
    assert sent.request is not None
    assert "0123456789abcdef" not in str(sent.request)
    to = NotifyChannel.objects.get()
    assert to.last_ok_at == START


def test_a_service_that_repeats_our_secrets_is_kept_without_them(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk(token="t0ken-0123456789", secret="SEC-0123456789")
    robot.faults.append(Refuse(310000, "no t0ken-0123456789 signed by SEC-0123456789"))
    row = drain(queue(channel(robot, sign_secret="SEC-0123456789")), clock)
    assert row.errmsg == "no *** signed by ***"
    assert "0123456789" not in f"{row.response} {row.error} {NotifyChannel.objects.get().last_error}"


def test_messages_of_a_robot_leave_in_order(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    to = channel(robot)
    rows = [queue(to, f"message {n}") for n in range(5)]
    drain(rows[0], clock)
    assert texts(robot) == [f"message {n}" for n in range(5)]


def test_a_message_that_waits_holds_up_the_later_ones(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    robot.faults.append(Status(502))
    to = channel(robot)
    first, second = queue(to, "first"), queue(to, "second")
    assert drain(first, clock).status == "pending"
    second.refresh_from_db()
    assert second.status == "pending"
    clock.move(10)
    drain(first, clock)
    assert texts(robot) == ["first", "second"]


def test_a_transient_error_is_tried_again_up_to_the_channels_attempts(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    robot.faults.extend([Status(502)] * 9)
    row = queue(channel(robot, max_attempts=3))
    for _ in range(5):
        drain(row, clock)
        clock.move(60)
    assert (row.status, row.attempts) == ("failed", 3)


def test_a_refusal_fails_at_once_and_is_shown_on_the_channel(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk(keyword="report")
    row = drain(queue(channel(robot), "without the word"), clock)
    assert (row.status, row.errcode) == ("failed", "310000")
    assert sending.note_texts(row.notes)
    assert "keyword" in NotifyChannel.objects.get().last_error.lower()


def test_a_rate_error_uses_up_no_attempt_and_pauses_the_robot(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    robot.faults.append(Refuse(660026, "too many"))
    to = channel(robot)
    row = drain(queue(to), clock)
    assert (row.status, row.attempts) == ("pending", 0)
    clock.move(599)
    other = drain(queue(to, now=clock.at), clock)
    assert other.status == "pending"
    clock.move(2)
    assert drain(row, clock).status == "sent"


def test_feishus_pause_doubles_up_to_a_minute_and_begins_anew_after_a_success(
    robots: Robots, clock: Clock
) -> None:
    robot = robots.feishu()
    robot.faults.extend([Refuse(11232, "frequency limited")] * 6)
    row = queue(channel(robot, "feishu_bot"))
    pauses = []
    for _ in range(6):
        drain(row, clock)
        pauses.append((row.next_attempt_at - clock.at).total_seconds())
        clock.at = row.next_attempt_at
    assert pauses == [5, 10, 20, 40, 60, 60]
    assert drain(row, clock).status == "sent"
    robot.faults.append(Refuse(11232, "frequency limited"))
    after = drain(queue(NotifyChannel.objects.get(), now=clock.at), clock)
    assert (after.next_attempt_at - clock.at).total_seconds() == 5


def test_an_unknown_outcome_is_repeated_under_the_same_key_where_that_cannot_double(
    robots: Robots, clock: Clock
) -> None:
    robot = robots.dingtalk()
    robot.faults.append(DropAfterBody())
    row = drain(queue(channel(robot)), clock)
    assert row.status == "pending"
    clock.move(10)
    drain(row, clock)
    assert row.status == "sent"
    assert len({received.body["msgUuid"] for received in robot.received}) == 1


def test_elsewhere_it_is_called_unknown_and_not_repeated(robots: Robots, clock: Clock) -> None:
    robot = robots.wecom()
    robot.faults.append(DropAfterBody())
    row = drain(queue(channel(robot, "wecom_bot")), clock)
    assert row.status == "unknown"


def test_two_workers_send_one_message_once(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    row = queue(channel(robot))
    mine = outbox.claim(row.robot, START)
    assert mine is not None
    assert outbox.claim(row.robot, START) is None
    sending.deliver(mine, clock)
    assert len(robot.shown) == 1


def test_while_one_message_is_sent_the_next_of_its_robot_is_not_claimed(robots: Robots) -> None:
    to = channel(robots.dingtalk())
    first, _ = queue(to), queue(to)
    assert outbox.claim(first.robot, START) is not None
    assert outbox.claim(first.robot, START) is None


def test_a_tenant_that_names_anothers_robot_does_not_get_in_its_way(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    theirs = queue(channel(robot, tenant=tenant("evil")))
    assert outbox.claim(theirs.robot, clock.at) is not None  # and holds it for as long as it may
    assert drain(queue(channel(robot)), clock).status == "sent"


def test_a_tenant_that_names_anothers_application_behind_an_api_of_its_own_does_neither(
    robots: Robots, clock: Clock
) -> None:
    service = robots.wecom_app()
    theirs = app(service, tenant=tenant("evil"), api_base="http://127.0.0.1:1")
    claimed = outbox.claim(queue(theirs).robot, clock.at)
    assert claimed is not None
    assert drain(queue(app(service)), clock).status == "sent"


def test_two_channels_of_a_tenant_share_their_robots_rate(robots: Robots, clock: Clock) -> None:
    robot = robots.dingtalk()
    one, other = channel(robot), channel(robot)
    for _ in range(15):
        queue(one)
        last = queue(other)
    drain(last, clock)
    assert len(robot.shown) == 20


def test_one_tenants_many_robots_crowd_no_other_out_of_a_sweep(
    robots: Robots, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "DESTINATIONS_AT_ONCE", 3)
    for n in range(9):
        queue(channel(robots.dingtalk(token=f"token-{n}"), tenant=tenant("evil")))
    ours = queue(channel(robots.dingtalk()))
    found = outbox.sweep(clock.at)
    assert Counter(found.values()) == {"evil": 3, "acme": 1}
    assert ours.robot in found


class TestADeadWorker:
    def left_sending(self, to: NotifyChannel) -> Delivery:
        row = queue(to)
        assert outbox.claim(row.robot, START) is not None
        return row

    def test_its_message_is_sent_again_where_the_service_drops_doubles(
        self, robots: Robots, clock: Clock
    ) -> None:
        row = self.left_sending(channel(robots.dingtalk()))
        clock.move(outbox.CLAIM.total_seconds() + 1)
        assert outbox.sweep(clock.at) == {row.robot: "acme"}
        assert drain(row, clock).status == "sent"

    def test_elsewhere_it_is_unknown(self, robots: Robots, clock: Clock) -> None:
        row = self.left_sending(channel(robots.wecom(), "wecom_bot"))
        clock.move(outbox.CLAIM.total_seconds() + 1)
        outbox.sweep(clock.at)
        row.refresh_from_db()
        assert row.status == "unknown"

    def test_a_message_that_kills_its_workers_is_given_up(self, robots: Robots, clock: Clock) -> None:
        row = queue(channel(robots.dingtalk(), max_attempts=2))
        for status in ("pending", "unknown"):
            assert outbox.claim(row.robot, clock.at) is not None
            clock.move(outbox.CLAIM.total_seconds() + 1)
            outbox.sweep(clock.at)
            row.refresh_from_db()
            assert row.status == status
        assert row.attempts == 2

    def test_a_claim_that_is_young_is_left_alone(self, robots: Robots, clock: Clock) -> None:
        row = self.left_sending(channel(robots.dingtalk()))
        assert outbox.sweep(clock.at) == {}
        row.refresh_from_db()
        assert row.status == "sending"


def test_without_redis_nothing_is_sent_and_nothing_lost(
    robots: Robots, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot = robots.dingtalk()
    row = queue(channel(robot))

    def away(*args: object) -> float:
        raise redis.ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(rates, "seconds_to_wait", away)
        assert drain(row, clock).status == "pending"
    clock.move(6)
    assert drain(row, clock).status == "sent"
    assert len(robot.shown) == 1


def test_a_message_for_a_channel_that_was_switched_off_is_canceled(robots: Robots, clock: Clock) -> None:
    to = channel(robots.dingtalk())
    row = queue(to)
    NotifyChannel.objects.update(is_enabled=False)
    assert drain(row, clock).status == "canceled"


def test_of_a_message_in_parts_those_that_have_arrived_are_not_sent_again(
    robots: Robots, clock: Clock
) -> None:
    whole, begun = robots.wecom(key="whole"), robots.wecom(key="begun")
    fields: dict[str, Any] = {"msg_type": "markdown", "content": "word " * 3000}
    drain(queue(channel(whole, "wecom_bot"), **fields), clock)
    row = queue(channel(begun, "wecom_bot"), **fields)
    Delivery.objects.filter(pk=row.pk).update(parts_sent=1)
    assert drain(row, clock).status == "sent"
    assert len(whole.received) > 1
    assert len(begun.received) == len(whole.received) - 1


def test_a_message_called_too_long_begins_anew_once_and_in_smaller_parts(
    robots: Robots, clock: Clock
) -> None:
    row = queue(channel(robots.dingtalk()))
    Delivery.objects.filter(pk=row.pk).update(parts_sent=2)
    for status in ("pending", "failed"):
        claimed = outbox.claim(row.robot, clock.at)
        assert claimed is not None
        outcomes.write_not_sent(claimed, Answer(Outcome.SIZE, "460101", "message too long"), clock.at)
        row.refresh_from_db()
        assert (row.status, row.smaller, row.parts_sent) == (status, True, 0)


class Broken(DingTalkSender):
    def send(self, target: Target, payload: dict[str, Any], key: str) -> Answer:
        raise RuntimeError(f"of {target.url}")


class WithoutTokens(DingTalkSender):
    def send(self, target: Target, payload: dict[str, Any], key: str) -> Answer:
        raise redis.exceptions.LockError("nobody lets go")


class TestAFaultOfOurOwn:
    """It ends the attempt of one message, and never leaves it `sending`."""

    def test_of_a_sender_leaves_the_outcome_unknown(
        self, robots: Robots, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        to = channel(robots.dingtalk())
        row, behind = queue(to), queue(to)
        with monkeypatch.context() as patched:
            patched.setattr(sending, "sender_for", lambda kind: Broken(lambda proxy: None))  # type: ignore[arg-type,return-value]
            drain(row, clock)
        assert (row.status, row.error) == ("unknown", "The platform's sender failed (RuntimeError).")
        behind.refresh_from_db()
        assert behind.status == "unknown"

    def test_of_the_tokens_store_is_tried_again(
        self, robots: Robots, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = queue(channel(robots.dingtalk()))
        with monkeypatch.context() as patched:
            patched.setattr(sending, "sender_for", lambda kind: WithoutTokens(lambda proxy: None))  # type: ignore[arg-type,return-value]
            drain(row, clock)
        assert (row.status, row.attempts) == ("pending", 1)
        clock.move(10)
        assert drain(row, clock).status == "sent"

    def test_of_a_renderer_fails_the_message_and_the_next_one_goes(
        self, robots: Robots, clock: Clock
    ) -> None:
        robot = robots.dingtalk()
        to = channel(robot)
        row, behind = queue(to), queue(to)
        Delivery.objects.filter(pk=row.pk).update(channel_type="pigeon")
        drain(row, clock)
        assert (row.status, row.error) == ("failed", "The platform could not render this message (KeyError).")
        behind.refresh_from_db()
        assert behind.status == "sent"


def test_a_picture_is_recorded_by_its_size_only(robots: Robots, clock: Clock) -> None:
    row = queue(
        channel(robots.wecom(), "wecom_bot"), msg_type="image", image_base64="iVBORw0KGgo" + "A" * 997
    )
    assert drain(row, clock).status == "sent"
    assert "AAAA" not in str(row.request)
    assert "characters>" in str(row.request)


def test_workers_share_an_applications_token_by_redis(robots: Robots, clock: Clock) -> None:
    service = robots.wecom_app()
    to = app(service)
    for _ in range(2):
        sending.sender_for.cache_clear()  # as another process would begin
        assert drain(queue(to), clock).status == "sent"
    assert service.tokens_given == 1


def test_a_result_that_says_nothing_is_not_sent(robots: Robots, clock: Clock) -> None:
    to = channel(robots.dingtalk())
    row = outbox.enqueue([to], OutgoingMessage("", DeliveryKind.DIRECT), START)[0]
    assert drain(row, clock).status == "failed"


def test_what_a_service_calls_too_long_is_split_by_half_of_what_it_refused(
    robots: Robots, clock: Clock
) -> None:
    robot = robots.dingtalk()
    robot.faults.append(Refuse(460101, "message too long"))
    row = drain(queue(channel(robot), "字" * 1100), clock)
    assert (row.status, len(robot.shown)) == ("sent", 3)
    assert all(len(text.encode()) < 1700 for text in texts(robot))
    assert "".join(texts(robot)).count("字") == 1100
