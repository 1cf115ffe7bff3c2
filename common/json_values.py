"""JSON that others wrote: how deep and how large it may be before anything works on it.

What walks through a value does so by calling itself, and ends in a RecursionError at some depth that depends on who
called it. So a value is measured once, where it comes in, and is harmless from then on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

MAX_DEPTH = 64
RESULT_BYTES = 256 << 10  # of a run's result


class TooDeepError(ValueError):
    pass


def parse(content: bytes | str) -> Any:
    """Raises ValueError: TooDeepError where the parser could not follow."""
    try:
        return json.loads(content)
    except RecursionError:
        raise TooDeepError(f"is nested more than {MAX_DEPTH} levels deep.") from None


def why_not(value: Any, max_bytes: int = RESULT_BYTES, max_depth: int = MAX_DEPTH) -> str:
    """Why a JSON value is not to be kept, as a sentence without its subject; "" where nothing speaks against it."""
    if is_deeper(value, max_depth):
        return f"is nested more than {max_depth} levels deep."
    try:
        size = len(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"))
    except (TypeError, ValueError):  # a key or a number that can't be written
        return "is not JSON."
    return f"takes {size:,} bytes as JSON, {max_bytes:,} are allowed." if size > max_bytes else ""


def is_same(one: Any, other: Any) -> bool:
    """Whether two values of a column are stored alike: to Python 1 and True are equal, also within an object."""
    if isinstance(one, dict | list) and isinstance(other, dict | list):
        return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def is_deeper(value: Any, levels: int) -> bool:
    """Whether lists and objects lie in one another more than so often. Level by level, without calling itself."""
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
