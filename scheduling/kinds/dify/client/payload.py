"""Readers of JSON that another program wrote: a value that is missing, null or of another type reads as empty."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

Payload = Mapping[str, Any]
MAX_PRICE = 10**7  # a run's column has no room for more


def text(payload: Payload, name: str) -> str:
    value = payload.get(name)
    return value if isinstance(value, str) else ""


def integer(payload: Payload, name: str) -> int:
    return int(number(payload, name))


def count(payload: Payload, name: str) -> int | None:
    """Return a whole number from 0 to 2**31 - 1, or None where there is none."""
    value = payload.get(name)
    return int(value) if isinstance(value, int | float) and 0 <= value < 1 << 31 else None


def number(payload: Payload, name: str) -> float:
    value = payload.get(name)
    return value if isinstance(value, int | float) and abs(value) < 1e18 else 0


def mapping(payload: Payload, name: str) -> Payload:
    """Return the object, also where it was sent as a JSON string, as run detail does with `inputs`."""
    value = payload.get(name)
    if isinstance(value, str):
        value = parse(value.encode("utf-8", "surrogatepass"))
    return value if isinstance(value, dict) else {}


def items(payload: Payload, name: str) -> list[Payload]:
    value = payload.get(name)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def price(payload: Payload, name: str) -> Decimal | None:
    try:
        amount = Decimal(str(payload.get(name)))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and abs(amount) < MAX_PRICE else None


def instant(payload: Payload, name: str) -> datetime:
    """Return the time (UTC) that is given in Unix seconds."""
    return datetime.fromtimestamp(min(max(number(payload, name), 0), 4e9), UTC)


def parse(content: bytes) -> Payload | None:
    """Return the JSON object, or None where the content is none."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
