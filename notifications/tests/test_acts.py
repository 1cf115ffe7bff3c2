from __future__ import annotations

import pytest

from notifications import acts, outbox
from notifications.models import Delivery
from notifications.tests.outgoing import Clock, channel, drain, queue
from tenants import audit
from tenants.access import SYSTEM
from tenants.models import AuditEntry
from testing.servers.robots import Robots

pytestmark = pytest.mark.django_db


def audited() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))


def test_who_sends_a_message_again_is_in_the_audit_log(robots: Robots, clock: Clock) -> None:
    row = queue(channel(robots.dingtalk()))
    assert not acts.resend(row, SYSTEM, clock.at)
    assert audited() == []
    drain(row, clock)
    assert acts.resend(row, SYSTEM, clock.at)
    assert audited() == ["resend"]


def test_who_cancels_a_message_is_in_the_audit_log_once(robots: Robots) -> None:
    row = queue(channel(robots.dingtalk()))
    assert acts.cancel(row, SYSTEM)
    assert not acts.cancel(row, SYSTEM)
    assert audited() == ["cancel"]


def test_a_message_is_not_sent_again_where_the_audit_log_fails(
    robots: Robots, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = queue(channel(robots.dingtalk()))
    drain(row, clock)

    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError):
        acts.resend(row, SYSTEM, clock.at)
    assert Delivery.objects.get(pk=row.pk).status == "sent"
    assert outbox.sweep(clock.at) == {}
