"""/api/deliveries"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from notifications.models import Delivery, DeliveryKind, DeliveryStatus
from testing.callers import Caller, member, tenant

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def operator() -> Caller:
    return member("operator")


def delivery(**columns: Any) -> Delivery:
    defaults: dict[str, Any] = {
        "tenant": tenant(),
        "channel_type": "dingtalk_bot",
        "robot": "r",
        "kind": DeliveryKind.RESULT,
        "msg_uuid": "u",
        "next_attempt_at": AT,
        "message": {"content": "x"},
    }
    return Delivery.objects.create(**defaults | columns)


def test_the_list_filters(operator: Caller) -> None:
    first = delivery(log_id=1, task_id=2, status=DeliveryStatus.FAILED, title="weekly")
    second = delivery()

    def ids(**query: Any) -> list[int]:
        return [item["id"] for item in operator.get("/deliveries", **query).json()["items"]]

    assert ids() == [second.pk, first.pk]
    assert ids(before_id=second.pk) == ids(log_id=1) == ids(task_id=2) == ids(status="failed") == [first.pk]
    assert ids(search="WEEK") == [first.pk]
    assert ids(channel_id=7) == []


def test_a_delivery_shows_its_parts_and_its_notes_in_words(operator: Caller) -> None:
    row = delivery(
        request={"url": "***", "payloads": [{}, {}]}, notes=[{"code": "split", "values": {"count": 2}}]
    )
    shown = operator.get(f"/deliveries/{row.pk}").json()
    assert (shown["parts"], shown["notes"]) == (2, ["The message was too long: it was sent in 2 parts."])


def test_an_alerts_address_is_not_shown(operator: Caller) -> None:
    row = delivery(address="https://example.com/hook/canary-0123456789")
    assert b"canary" not in operator.get(f"/deliveries/{row.pk}").content
    assert b"canary" not in operator.get("/deliveries").content


def test_an_ended_delivery_is_sent_again_as_a_message_of_its_own(operator: Caller) -> None:
    row = delivery(status=DeliveryStatus.FAILED, attempts=4, parts_sent=1)
    answer = operator.post(f"/deliveries/{row.pk}/resend")
    assert (answer.status_code, answer.json()["status"], answer.json()["attempts"]) == (202, "pending", 0)
    row.refresh_from_db()
    assert row.msg_uuid != "u"
    assert operator.post(f"/deliveries/{row.pk}/resend").status_code == 409


def test_only_what_waits_is_canceled(operator: Caller) -> None:
    row = delivery()
    assert operator.post(f"/deliveries/{row.pk}/cancel").json()["status"] == "canceled"
    assert operator.post(f"/deliveries/{row.pk}/cancel").status_code == 409
