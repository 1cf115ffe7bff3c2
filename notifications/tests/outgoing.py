"""Channels, messages in the outbox, and the clock that decides when they leave."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from notifications import outbox, sending
from notifications.models import Delivery, DeliveryKind, Destination, NotifyChannel, WeComApp
from notifications.outbox import OutgoingMessage
from tenants.models import Tenant
from testing.servers.robots import Service
from testing.servers.robots import WeComApp as AppService

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def tenant(code: str = "acme", **columns: Any) -> Tenant:
    return Tenant.objects.update_or_create(code=code, defaults={"name": code.title()} | columns)[0]


def channel(robot: Service, kind: str = "dingtalk_bot", **columns: Any) -> NotifyChannel:
    columns = {"tenant": tenant()} | columns
    return NotifyChannel.objects.create(
        channel_name="ops", channel_type=kind, webhook_url=robot.url, **columns
    )


def app(service: AppService, **columns: Any) -> WeComApp:
    defaults: dict[str, Any] = {
        "tenant": tenant(),
        "app_name": "duty",
        "corp_id": service.corp_id,
        "agent_id": service.agent_id,
        "corp_secret": service.secret,
        "api_base": service.url,
        "to_user": "zhangsan|lisi",
    }
    return WeComApp.objects.create(**defaults | columns)


def queue(to: Destination, text: str = "hello", now: datetime = START, **fields: Any) -> Delivery:
    result = {"msg_type": "text", "content": text} | fields
    return outbox.enqueue(
        [to], OutgoingMessage(result, DeliveryKind.RESULT, "report", tenant_id="acme"), now
    )[0]


def drain(delivery: Delivery, clock: Clock) -> Delivery:
    sending.drain(delivery.robot, clock)
    delivery.refresh_from_db()
    return delivery


def texts(robot: Service) -> list[str]:
    return [shown["text"]["content"] for shown in robot.shown]
