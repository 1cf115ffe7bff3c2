"""Message -> what each kind of channel takes over the wire."""

from collections.abc import Callable
from dataclasses import replace

from notifications.messages import Message

from . import apprise, dingtalk, feishu, wecom
from .base import Page, Payload, Rendered, for_the_record

NOTES = 20  # a result of 10,000 broken links needs not as many

RENDERERS: dict[str, Callable[[Message, Page], Rendered]] = {
    "dingtalk_bot": dingtalk.render,
    "wecom_bot": wecom.render_bot,
    "wecom_app": wecom.render_app,
    "feishu_bot": feishu.render,
    "apprise": apprise.render,
}


def render(channel_type: str, message: Message, page: Page) -> Rendered:
    """Raises KeyError for a kind of channel that there is none of."""
    rendered = RENDERERS[channel_type](message, page)
    return replace(rendered, notes=rendered.notes[:NOTES])


__all__ = ["RENDERERS", "Page", "Payload", "Rendered", "for_the_record", "render"]
