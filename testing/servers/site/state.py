"""What the site knows of its callers."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable

from testing.servers.site.message import Reply, Request


class State:
    """`visits` counts the requests of each path; `signed_in` holds those who checked in, `messages` what was posted."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.visits: Counter[str] = Counter()
        self.signed_in: set[str] = set()
        self.messages: list[str] = []


Answer = Callable[[State, Request], Reply]
"""Answers the requests of one path; called by one thread at a time."""
