"""When is an outbox stuck? A message is late by what its row says; the clock is given."""

from __future__ import annotations

from datetime import timedelta

import pytest

from notifications import lateness, outbox, rates
from notifications.lateness import STUCK_AFTER, stuck_since
from notifications.models import Delivery
from notifications.tests.outgoing import START, Clock, channel, drain, queue, tenant
from testing.servers.robots import Robots

pytestmark = pytest.mark.django_db
LATE = START + STUCK_AFTER + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lateness, "LOOK_AGAIN_SECONDS", 0)


def test_a_message_that_nobody_sends_for_a_minute_is_stuck(robots: Robots) -> None:
    queue(channel(robots.dingtalk()))
    assert stuck_since(START + STUCK_AFTER - timedelta(seconds=1)) is None
    assert stuck_since(LATE) == START


def test_a_robot_that_waits_for_its_rate_is_not_and_nor_is_what_waits_behind_it(
    robots: Robots, clock: Clock
) -> None:
    to = channel(robots.dingtalk())
    first = queue(to)
    queue(to)
    rates.pause(first.robot, 600)
    assert drain(first, clock).status == "pending"
    assert stuck_since(LATE) is None


def test_a_tenant_whose_destinations_are_slow_is_not(robots: Robots) -> None:
    one, other = (channel(robots.dingtalk(token=name)) for name in ("one", "other"))
    first, _ = queue(one), queue(other)
    assert outbox.claim(first.robot, LATE) is not None
    assert stuck_since(LATE) is None


def test_another_tenants_movement_excuses_nothing(robots: Robots) -> None:
    theirs = queue(channel(robots.dingtalk(), tenant=tenant("evil")))
    queue(channel(robots.dingtalk()))
    assert outbox.claim(theirs.robot, LATE) is not None
    assert stuck_since(LATE) == START


def test_a_claim_that_is_over_is_no_movement(robots: Robots) -> None:
    one, other = (channel(robots.dingtalk(token=name)) for name in ("one", "other"))
    first, _ = queue(one), queue(other)
    assert outbox.claim(first.robot, START) is not None
    assert stuck_since(START + outbox.CLAIM + timedelta(seconds=1)) == START


def test_what_moves_between_two_looks_is_not(robots: Robots, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker is between the end of one message and the claim of the next."""
    row = queue(channel(robots.dingtalk()))
    monkeypatch.setattr("time.sleep", lambda _: outbox.claim(row.robot, LATE))
    assert stuck_since(LATE) is None


def test_of_many_the_oldest_is_named(robots: Robots) -> None:
    for name, minutes in (("one", 1), ("two", 0), ("three", 2)):
        queue(channel(robots.dingtalk(token=name)), now=START + timedelta(minutes=minutes))
    assert stuck_since(START + timedelta(hours=1)) == START
    assert Delivery.objects.count() == 3
