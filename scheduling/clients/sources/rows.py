"""A query's result as JSON: a list of dicts, limited in rows and bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from .errors import QueryRefusedError

MAX_ROWS = 10_000
MAX_BYTES = 6 << 20  # as JSON; a frame of the sandbox takes 8 MiB
SECONDS = 30.0


@dataclass(frozen=True)
class Rows:
    """`is_cut` is true if there were more than MAX_ROWS."""

    items: list[dict[str, Any]]
    is_cut: bool


def collect(columns: Sequence[str], records: Iterable[Sequence[Any]]) -> Rows:
    """Collect the records as dicts, reading only one more than it keeps. Raises QueryRefusedError."""
    if doubled := {name for name in columns if columns.count(name) > 1}:
        raise QueryRefusedError(f"two columns are called {min(doubled)}: rename one with AS")
    items: list[dict[str, Any]] = []
    size = 0
    for record in records:
        if len(items) == MAX_ROWS:
            return Rows(items, True)
        item = {name: as_json(value) for name, value in zip(columns, record, strict=True)}
        size += len(json.dumps(item))
        if size > MAX_BYTES:
            raise QueryRefusedError(f"the result is over {MAX_BYTES >> 20} MiB: select fewer columns or rows")
        items.append(item)
    return Rows(items, False)


def as_json(value: Any) -> Any:
    """Convert a value to JSON: a decimal to an int or a float, a time to ISO 8601, bytes to text or else hex.

    An infinite float or NaN becomes None.
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime():
            return value.isoformat(sep=" ")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
        case bytes() | bytearray() | memoryview():
            return _text(bytes(value))
    return str(value)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.hex()
