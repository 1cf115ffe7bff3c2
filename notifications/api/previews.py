"""The API at POST /api/messages/preview."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from common.rest.answers import answers
from common.rest.fields import Fields
from notifications.channel_types import CHANNEL_TYPES, WITH_RENDERER
from notifications.messages import read
from notifications.render import Page
from notifications.render.preview import STYLE, preview

router = Router(tags=["Messages"])
if TYPE_CHECKING:
    Kind = str
else:
    Kind = Literal[WITH_RENDERER]
EXAMPLE: dict[str, Any] = {
    "result": {"title": "Report", "content": "All **well**."},
    "channel_type": "dingtalk_bot",
}


class MessagePreviewAsked(Fields):
    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    result: Any = Field(description="The result, as a script sets it.")
    channel_type: Kind
    table_style: Literal["list", "keep"] = "list"
    """As the channel has it."""


class MessagePreview(Schema):
    payloads: list[dict[str, Any]] = Field(description="The payloads that would be sent, in order.")
    notes: list[str] = Field(description="What the message loses for this kind of channel.")
    html: str = Field(
        description="The message as HTML, which `style` makes look like the chat. Show it in a frame without "
        "scripts."
    )
    style: str = Field(description="The CSS for `html`.")


@router.post("/preview", response=answers({200: MessagePreview}, 422), summary="Preview a result")
def preview_message(request: HttpRequest, body: MessagePreviewAsked) -> Any:
    message = read(body.result)
    if message is None:
        notes = [_("The result contains nothing to send.")]
        return {"payloads": [], "notes": notes, "html": preview(()), "style": STYLE}
    rendered = CHANNEL_TYPES[body.channel_type].render(message, Page(keeps_tables=body.table_style == "keep"))
    return {
        "payloads": list(rendered.payloads),
        "notes": [note.text for note in rendered.notes],
        "html": preview(rendered.payloads),
        "style": STYLE,
    }
