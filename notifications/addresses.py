"""Whether a text can be a channel's address. Where the address leads to is checked at each call."""

from __future__ import annotations

from common.rules import web_address_problem
from notifications.senders.apprise import refusal


def channel_address_problem(channel_type: str, url: str) -> str:
    """Return what is wrong with the address, in the reader's language; "" for nothing."""
    if channel_type != "apprise":
        return web_address_problem(url)
    answer = refusal(url)
    if answer is None:
        return ""
    return answer.note.text if answer.note else answer.errmsg
