"""The database goes away while a message is claimed: it is sent when the database is back, and known to be."""

from __future__ import annotations

from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from django.db import OperationalError

from notifications import outbox, outcomes, sending, targets
from notifications.models import Delivery
from notifications.tests.outgoing import Clock, channel, drain, queue
from testing.servers.robots import Robots

pytestmark = pytest.mark.django_db


def test_a_message_that_went_out_while_the_database_was_away_is_called_sent(
    robots: Robots, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    robot, sent = robots.wecom(), outcomes.write_sent
    answers = [OperationalError(2006, "gone"), OperationalError(2006, "gone")]

    def sent_if_there(*arguments: Any) -> None:
        if answers:
            raise answers.pop()
        sent(*arguments)

    monkeypatch.setattr(outcomes, "write_sent", sent_if_there)
    assert drain(queue(channel(robot, "wecom_bot")), clock).status == "sent"
    assert len(robot.shown) == 1
    assert answers == []


@pytest.mark.parametrize(
    ("module", "step"), [(sending, "read"), (targets, "target_of"), (sending, "for_the_record")]
)
def test_a_message_whose_database_goes_away_before_it_is_sent_is_sent_when_it_is_back(
    robots: Robots, clock: Clock, monkeypatch: pytest.MonkeyPatch, module: ModuleType, step: str
) -> None:
    robot, real = robots.wecom(), getattr(module, step)
    answers = [OperationalError(2006, "gone"), OperationalError(2006, "gone")]

    def done_if_there(*arguments: Any) -> Any:
        if answers:
            clock.move(80)
            raise answers.pop()
        return real(*arguments)

    monkeypatch.setattr(module, step, done_if_there)
    assert drain(queue(channel(robot, "wecom_bot")), clock).status == "sent"
    assert len(robot.shown) == 1


def test_a_claim_lasts_anew_from_the_moment_at_which_it_is_sent(
    robots: Robots, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep must not give it to somebody else meanwhile."""
    row = queue(channel(robots.dingtalk()))
    real, away, until = targets.target_of, [OperationalError(2006, "gone")], list[str]()

    def late(delivery: Delivery) -> Any:
        if away:
            clock.move(100)
            raise away.pop()
        return real(delivery)

    def swept(*_: object) -> float:
        outbox.sweep(clock.at + timedelta(seconds=150))
        until.append(Delivery.objects.get().status)
        return 0

    monkeypatch.setattr(targets, "target_of", late)
    monkeypatch.setattr(sending, "_seconds_to_wait", swept)
    assert drain(row, clock).status == "sent"
    assert until == ["sending"]
