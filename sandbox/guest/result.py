"""Checks the script's `result` and names the place where it isn't JSON."""

from __future__ import annotations

import json
import math
from typing import Any


def check_result(result: Any, limit: int) -> dict[str, Any]:
    """Return the script's last message: done, or failed with result_limit where the result is no JSON or too large."""
    try:
        size = len(json.dumps(result, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError):
        return _refusal(_find_fault(result))
    if size > limit:
        return _refusal(f"result takes {size} bytes as JSON; at most {limit} are allowed")
    return {"kind": "done", "result": result}


def _refusal(error: str) -> dict[str, Any]:
    return {"kind": "failed", "code": "result_limit", "error": error}


def _find_fault(result: Any) -> str:
    try:
        return _fault_at("result", result) or "result is not JSON"
    except RecursionError:
        return "result is nested too deeply, or contains itself"


def _fault_at(place: str, value: Any) -> str | None:
    if isinstance(value, dict):
        return _first_fault(place, value.items()) or _key_fault(place, value)
    if isinstance(value, list | tuple):
        return _first_fault(place, enumerate(value))
    if isinstance(value, float) and not math.isfinite(value):
        return f"{place} is {value}, which JSON doesn't know"
    if isinstance(value, str):
        return None if _is_text(value) else f"{place} holds half of a surrogate pair, which is not text"
    if value is None or isinstance(value, int | float):
        return None
    return f"{place} is a {type(value).__name__}, which JSON doesn't know"


def _first_fault(place: str, items: Any) -> str | None:
    return next((fault for key, inner in items if (fault := _fault_at(f"{place}[{key!r}]", inner))), None)


def _key_fault(place: str, value: dict[Any, Any]) -> str | None:
    for key in value:
        if not isinstance(key, str | int | float | None):
            return f"{place} has a key of type {type(key).__name__}: {key!r}"
        if isinstance(key, str) and not _is_text(key):
            return f"{place} has a key that is not text"
    return None


def _is_text(value: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in value)
