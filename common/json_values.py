"""Limits on the depth and size of JSON from outside, checked before anything works on it.

Code that walks through a value does so by recursion, and fails with a RecursionError at a depth that depends on its
caller. So a value is measured once, where it comes in, and is harmless from then on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

MAX_DEPTH = 64
RESULT_BYTES = 256 << 10  # of a run's result, as JSON


class TooDeepError(ValueError):
    pass


def parse(content: bytes | str) -> Any:
    """Return the JSON value. Raises ValueError; TooDeepError if it is nested too deeply for the parser."""
    try:
        return json.loads(content)
    except RecursionError:
        raise TooDeepError(f"is nested more than {MAX_DEPTH} levels deep.") from None


def why_unfit(value: Any, max_bytes: int = RESULT_BYTES, max_depth: int = MAX_DEPTH) -> str:
    """Return why a JSON value can't be kept, as a sentence without its subject; "" if it can."""
    if is_deeper(value, max_depth):
        return f"is nested more than {max_depth} levels deep."
    try:
        size = len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (TypeError, ValueError):  # a key or a number that can't be written
        return "is not JSON."
    return f"takes {size:,} bytes as JSON; at most {max_bytes:,} are allowed." if size > max_bytes else ""


def is_same(one: Any, other: Any) -> bool:
    """Return whether two values of a column are stored alike.

    `==` is not enough: in Python 1 and True are equal, also within an object.
    """
    if isinstance(one, dict | list) and isinstance(other, dict | list):
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def is_deeper(value: Any, levels: int) -> bool:
    """Return whether lists and objects are nested deeper than `levels`. Works level by level, without recursion."""
    level = _containers([value])
    for _ in range(levels):
        if not level:
            return False
        level = [inner for item in level for inner in _containers(_within(item))]
    return bool(level)


def _containers(items: Iterable[Any]) -> list[Any]:
    return [item for item in items if isinstance(item, dict | list | tuple)]


def _within(item: Any) -> Iterable[Any]:
    return item.values() if isinstance(item, dict) else item
