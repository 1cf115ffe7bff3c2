"""Whether what somebody writes as a channel's address can be one; where it leads to is judged at each call."""

from __future__ import annotations

from common.rules import web_flaw
from notifications.senders.apprise import refusal


def robot_flaw(channel_type: str, url: str) -> str:
    """What is wrong with it, in the reader's language; "" for nothing."""
    if channel_type != "apprise":
        return web_flaw(url)
    answer = refusal(url)
    if answer is None:
        return ""
    return answer.note.text if answer.note else answer.errmsg
