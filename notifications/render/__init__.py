"""Renders a Message as the payloads that each kind of channel takes."""

from collections.abc import Callable
from dataclasses import replace

from notifications.messages import Message

from . import apprise, dingtalk, feishu, wecom
from .base import Page, Payload, Rendered, for_the_record, wire_size

NOTES = 20  # a result with 10,000 broken links does not need as many notes

RENDERERS: dict[str, Callable[[Message, Page], Rendered]] = {
    "dingtalk_bot": dingtalk.render,
    "wecom_bot": wecom.render_bot,
    "wecom_app": wecom.render_app,
    "feishu_bot": feishu.render,
    "apprise": apprise.render,
}


def render(channel_type: str, message: Message, page: Page) -> Rendered:
    """Render a message, with at most NOTES notes. Raises KeyError for an unknown kind of channel."""
    rendered = RENDERERS[channel_type](message, page)
    return replace(rendered, notes=rendered.notes[:NOTES])


def render_smaller(channel_type: str, message: Message, page: Page) -> Rendered:
    """Render a message that the service refused as too long, in bodies at most half as long as its longest one.

    The result is the same each time. Half of the limit that we know would not do: the service's may be lower by now.
    """
    refused = render(channel_type, message, page)
    return render(channel_type, message, replace(page, refused=max(map(wire_size, refused.payloads))))


__all__ = ["RENDERERS", "Page", "Payload", "Rendered", "for_the_record", "render", "render_smaller"]
