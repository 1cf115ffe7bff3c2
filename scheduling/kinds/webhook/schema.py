"""The columns of a webhook task in the API."""

from __future__ import annotations

from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from common.redact import mask_url, mask_value
from common.rest.fields import Fields, LongText, WebAddress, schema_of_rule
from scheduling.kinds.webhook.columns import WebhookColumns
from scheduling.kinds.webhook.kind import HEADER_NAME, HEADER_VALUE, MAX_HEADERS, WEBHOOK

Headers = dict[Annotated[str, schema_of_rule(HEADER_NAME)], Annotated[str, schema_of_rule(HEADER_VALUE)]]


class WebhookFields(Fields):
    webhook_url: WebAddress | None = None
    """Returned with its secrets masked; to send the masked form back keeps the stored one."""
    webhook_method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    webhook_headers: Annotated[Headers, Field(max_length=MAX_HEADERS)] | None = None
    """Values are returned masked; to send a masked value back keeps the stored one."""
    webhook_body_template: LongText | None = None
    webhook_success_condition: (
        Annotated[str, schema_of_rule(WEBHOOK.rules["webhook_success_condition"])] | None
    ) = None
    """`path operator value`, such as `errcode == 0`; the operators are ==, !=, <, <=, >, >=, in and exists."""
    webhook_secret: Annotated[str, schema_of_rule(WEBHOOK.rules["webhook_secret"])] | None = None
    """Never returned: `webhook_secret_set` tells whether there is one. null clears it."""


class WebhookShown(Schema):
    webhook_url: str
    webhook_method: str
    webhook_headers: dict[str, str]
    webhook_body_template: str
    webhook_success_condition: str
    webhook_secret_set: bool

    @staticmethod
    def resolve_webhook_url(task: WebhookColumns) -> str:
        return mask_url(task.webhook_url)

    @staticmethod
    def resolve_webhook_headers(task: WebhookColumns) -> dict[str, str]:
        return {name: mask_value(value) for name, value in task.headers.items()}

    @staticmethod
    def resolve_webhook_secret_set(task: WebhookColumns) -> bool:
        return bool(task.webhook_secret)
