"""What an address says by its form: whether a channel can have it, and which token a robot's address holds.

Where it leads to is checked at each call. Path and token tell a robot's address, not the host: companies put gateways
in front of the services.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import SplitResult, parse_qs

from django.utils.translation import gettext as _

from notifications.senders.apprise import refusal

FindToken = Callable[[SplitResult], str]
"""Returns the robot's token in an http or https address of its service, "" in any other address."""


def no_token(address: SplitResult) -> str:
    return ""


def token_in_query(path: str, parameter: str) -> FindToken:
    return lambda address: parse_qs(address.query).get(parameter, [""])[0] if address.path == path else ""


def token_in_path(path: str) -> FindToken:
    """Return a finder of the token that follows `path`."""
    pattern = re.compile(re.escape(path) + r"([^/]+)/?")
    return lambda address: found[1] if (found := pattern.fullmatch(address.path)) else ""


def space_problem(address: str) -> str:
    """Return in words that an address has a space in it; "" if it has none."""
    return _("Write an address without spaces.") if len(address.split()) > 1 else ""


def apprise_address_problem(url: str) -> str:
    """Return what is wrong with an address for apprise, in the reader's language; "" for nothing."""
    answer = refusal(url)
    if answer is None:
        return ""
    return answer.note.text if answer.note else answer.errmsg
