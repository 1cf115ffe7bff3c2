"""The schemas of channels and deliveries, in requests and in answers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from ninja import Schema
from pydantic import Field, StringConstraints, model_validator

from common.redact import mask_url
from common.rest.fields import Code, Fields, Flag, Id, WebAddress, schema_of_column
from common.rest.paging import DeepPageQuery, PageQuery
from notifications.channel_types import OF_CHANNELS
from notifications.models import Delivery, Destination, NotifyChannel
from notifications.sending import note_texts

if TYPE_CHECKING:
    ChannelKind = str
else:
    ChannelKind = Literal[OF_CHANNELS]
ChannelName = Annotated[str, schema_of_column(NotifyChannel, "channel_name")]
ChannelAddress = Annotated[str, schema_of_column(NotifyChannel, "webhook_url")]
TenantCode = Annotated[str, StringConstraints(max_length=50)]
CHANNEL_EXAMPLE: dict[str, Any] = {
    "tenant_id": "default",
    "channel_name": "Operations",
    "channel_type": "dingtalk_bot",
    "webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=…",
    "sign_secret": "SEC…",
}


class DestinationFields(Fields):
    """What channels and WeCom apps have in common."""

    shown_only: ClassVar[Collection[str]] = ()

    tenant_id: Code = ""
    """The tenant, which every row has. If left out, it is the caller's tenant, where the caller has just one."""
    is_enabled: bool = True
    proxy_url: WebAddress | None = None
    """http://host:port"""
    max_attempts: Annotated[int, schema_of_column(Destination, "max_attempts")] = 4

    @model_validator(mode="before")
    @classmethod
    def _without_shown(cls, sent: Any) -> Any:
        """Drop the fields that are only shown, so that a row can be sent back whole as GET shows it."""
        if not isinstance(sent, dict):
            return sent
        return {name: value for name, value in sent.items() if name not in cls.shown_only}


class ChannelFields(DestinationFields):
    channel_name: ChannelName = ""
    channel_type: ChannelKind = "dingtalk_bot"
    webhook_url: ChannelAddress = ""
    """The robot's address with its token, or an apprise address. It is returned masked; the mask sent back keeps it."""
    sign_secret: Annotated[str, schema_of_column(NotifyChannel, "sign_secret")] | None = None
    """It is never returned, only whether it is set: `sign_secret_set`. null clears it."""
    description: Annotated[str, schema_of_column(NotifyChannel, "description")] | None = None
    table_style: Literal["list", "keep"] = "list"
    """What becomes of tables in DingTalk, whose phones don't show them: a list, or the table as it is."""


class ChannelNew(ChannelFields):
    model_config = {"json_schema_extra": {"examples": [CHANNEL_EXAMPLE]}}

    channel_name: ChannelName
    channel_type: ChannelKind
    webhook_url: ChannelAddress


class ChannelFilters(PageQuery):
    tenant_id: TenantCode | None = None
    channel_type: ChannelKind | None = None
    is_enabled: Flag | None = None
    ordering: Literal["id", "-id", "channel_name", "-channel_name"] = "id"


class ChannelShown(Schema):
    id: int
    tenant_id: str
    channel_name: str
    channel_type: str
    webhook_url: str
    sign_secret_set: bool
    description: str
    table_style: str
    is_enabled: bool
    proxy_url: str
    max_attempts: int
    last_error: str
    last_error_at: datetime | None
    last_ok_at: datetime | None
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_webhook_url(channel: NotifyChannel) -> str:
        return mask_url(channel.webhook_url)

    @staticmethod
    def resolve_proxy_url(channel: NotifyChannel) -> str:
        return mask_url(channel.proxy_url)

    @staticmethod
    def resolve_sign_secret_set(channel: NotifyChannel) -> bool:
        return bool(channel.sign_secret)


ChannelFields.shown_only = ChannelShown.model_fields.keys() - ChannelFields.model_fields.keys()


class DeliveryFilters(DeepPageQuery):
    log_id: Id | None = None
    task_id: Id | None = None
    channel_id: Id | None = None
    wecom_app_id: Id | None = None
    status: Literal["pending", "sending", "sent", "failed", "unknown", "canceled"] | None = None
    ordering: Literal["id", "-id"] = "-id"


class DeliveryShown(Schema):
    id: int
    log_id: int | None
    task_id: int | None
    tenant_id: str | None
    channel_id: int | None
    wecom_app_id: int | None
    channel_type: str
    kind: str
    status: str
    attempts: int
    next_attempt_at: datetime
    sent_at: datetime | None
    title: str
    msg_type: str
    parts: int = Field(description="The number of parts of the message; 0 until it has been rendered.")
    parts_sent: int
    request: dict[str, Any] | None
    response: str
    errcode: str
    errmsg: str
    notes: list[str]
    error: str
    created_at: datetime

    @staticmethod
    def resolve_parts(delivery: Delivery) -> int:
        return len((delivery.request or {}).get("payloads", []))

    @staticmethod
    def resolve_notes(delivery: Delivery) -> list[str]:
        return note_texts(delivery.notes)
