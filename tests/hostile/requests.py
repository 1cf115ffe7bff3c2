"""A request before it is sent, and which of many are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import cycle, islice

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
SUPERUSER = "superuser"
CALLERS = (SUPERUSER, "stranger", SUPERUSER, "viewer", SUPERUSER, "operator", SUPERUSER, "admin")


@dataclass(frozen=True)
class Asked:
    """`query` and `path` are as they go over the line."""

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    content_type: str = FORM
    headers: dict[str, str] = field(default_factory=dict)


def some(requests: Iterable[Asked], one_in: int) -> Iterator[tuple[str, Asked]]:
    """Return who asks what. `one_in` divides no table's length, so that each value meets each kind of place."""
    taken = islice(requests, 0, None, 1 if os.environ.get("HOSTILE") == "all" else one_in)
    return zip(cycle(CALLERS), taken)
