"""Every type of channel that there is, and what else messages are sent to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from common.redis_windows import Limit
from common.rules import web_address_problem
from notifications.addresses import (
    FindToken,
    apprise_address_problem,
    no_token,
    token_in_path,
    token_in_query,
)
from notifications.messages import Message
from notifications.render import Page, Rendered, apprise, dingtalk, feishu, wecom, wire_size
from notifications.senders import Sender
from notifications.senders.apprise import AppriseSender
from notifications.senders.dingtalk import DingTalkSender
from notifications.senders.feishu import FeishuSender
from notifications.senders.json_post import JsonSender
from notifications.senders.wecom_app import WeComAppSender
from notifications.senders.wecom_bot import WeComBotSender

MAX_NOTES = 20  # a result with 10,000 broken links does not need as many notes


class TableStyle(TextChoices):
    """What becomes of tables in messages to a service whose phones don't show them."""

    LIST = "list", _("as a list")
    KEEP = "keep", _("kept as a table")


@dataclass(frozen=True)
class ChannelType:
    """A type of channel.

    `name` is what `channel_type` holds, at most 20 characters. Pages show `label`, or the name where it is "".
    `renderer` makes the service's payloads of a message; where it is None, a result is posted as it is.

    `is_channel`: people make channels of it. `address_problem` returns what is wrong with a channel's address, in the
    reader's language, "" for nothing. `find_token` recognizes the addresses of the service's robots: alerts that go to
    one are rendered for it, and all addresses with one token share a queue.

    `limits` are what the service admits for one robot; () leaves that to its refusals. `max_pause_seconds`: it does not
    say when it will accept messages again, so each refusal in a row doubles the pause, up to this. 0 keeps what the
    sender says.
    `digest_bytes`: how much markdown one message takes, with room for what the renderer adds. 0: there are no digests.
    """

    name: str
    label: str | Promise
    sender: type[Sender]
    renderer: Callable[[Message, Page], Rendered] | None
    is_channel: bool = True
    address_problem: Callable[[str], str] = web_address_problem
    find_token: FindToken = no_token
    limits: tuple[Limit, ...] = ()
    max_pause_seconds: float = 0
    digest_bytes: int = 0

    def render(self, message: Message, page: Page) -> Rendered:
        """Render a message, with at most MAX_NOTES notes."""
        assert self.renderer is not None
        rendered = self.renderer(message, page)
        return replace(rendered, notes=rendered.notes[:MAX_NOTES])

    def render_smaller(self, message: Message, page: Page) -> Rendered:
        """Render a message that the service refused as too long, in bodies at most half as long as its longest one.

        The result is the same each time. Half of the limit that we know would not do: the service's may be lower by
        now.
        """
        refused = self.render(message, page)
        return self.render(message, replace(page, refused=max(map(wire_size, refused.payloads))))


DINGTALK_BOT = ChannelType(
    name="dingtalk_bot",
    label=_("DingTalk robot"),
    sender=DingTalkSender,
    renderer=dingtalk.render,
    find_token=token_in_query("/robot/send", "access_token"),
    limits=(Limit(20, 60),),
    digest_bytes=15_000,
)
WECOM_BOT = ChannelType(
    name="wecom_bot",
    label=_("WeCom robot"),
    sender=WeComBotSender,
    renderer=wecom.render_bot,
    find_token=token_in_query("/cgi-bin/webhook/send", "key"),
    limits=(Limit(20, 60),),
    digest_bytes=3_500,
)
# An application has a model of its own.
WECOM_APP = ChannelType(
    name="wecom_app",
    label=_("WeCom app"),
    sender=WeComAppSender,
    renderer=wecom.render_app,
    is_channel=False,
)
FEISHU_BOT = ChannelType(
    name="feishu_bot",
    label=_("Feishu robot"),
    sender=FeishuSender,
    renderer=feishu.render,
    find_token=token_in_path("/open-apis/bot/v2/hook/"),
    limits=(Limit(100, 60), Limit(5, 1)),
    max_pause_seconds=60,
    digest_bytes=15_000,
)
APPRISE = ChannelType(
    name="apprise",
    label=_("other service (apprise)"),
    sender=AppriseSender,
    renderer=apprise.render,
    address_problem=apprise_address_problem,
)
# An alert's address that is no known robot.
JSON = ChannelType(name="json", label="", sender=JsonSender, renderer=None, is_channel=False)

CHANNEL_TYPES: dict[str, ChannelType] = {
    each.name: each for each in (DINGTALK_BOT, WECOM_BOT, WECOM_APP, FEISHU_BOT, APPRISE, JSON)
}
OF_CHANNELS = tuple(name for name, each in CHANNEL_TYPES.items() if each.is_channel)
WITH_RENDERER = tuple(name for name, each in CHANNEL_TYPES.items() if each.renderer)


def choices() -> list[tuple[str, str | Promise]]:
    """Return what people make channels of, as a column's choices.

    Being a function, it lets a new type need no migration.
    """
    return [(name, CHANNEL_TYPES[name].label) for name in OF_CHANNELS]
