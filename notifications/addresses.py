"""Whether what somebody writes as a channel's address can be one; where it leads to is judged at each call."""

from __future__ import annotations

from django.utils.translation import gettext as _

from common.http import HttpError
from common.http.urls import parse_proxy, parse_target
from notifications.models import ChannelType
from notifications.senders.apprise import refusal


def robot_flaw(channel_type: str, url: str) -> str:
    """What is wrong with it, in the reader's language; "" for nothing."""
    if channel_type != ChannelType.APPRISE:
        return web_flaw(url)
    answer = refusal(url)
    if answer is None:
        return ""
    return answer.note.text if answer.note else answer.errmsg


def web_flaw(url: str) -> str:
    try:
        parse_target(url)
    except HttpError as error:
        return _("Not a usable web address: %(why)s") % {"why": error}
    return ""


def proxy_flaw(url: str) -> str:
    try:
        parse_proxy(url)
    except HttpError as error:
        return _("Not a usable web address: %(why)s") % {"why": error}
    return ""
