"""Message -> what each kind of channel takes over the wire."""

from collections.abc import Callable
from dataclasses import replace

from notifications.messages import Message

from . import apprise, dingtalk, feishu, wecom
from .base import Page, Payload, Rendered, for_the_record, wire_size

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


def render_smaller(channel_type: str, message: Message, page: Page) -> Rendered:
    """Render what the service refused, in bodies half as long as its longest; the same each time it is asked.

    Half of the limit that we know of would not do: the service's may be lower by then.
    """
    refused = render(channel_type, message, page)
    return render(channel_type, message, replace(page, refused=max(map(wire_size, refused.payloads))))


__all__ = ["RENDERERS", "Page", "Payload", "Rendered", "for_the_record", "render", "render_smaller"]
