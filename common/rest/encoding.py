"""Writes responses as JSON in UTF-8, which people can read as it is."""

from __future__ import annotations

import json
from typing import Any


def json_bytes(data: Any, encoder: type[json.JSONEncoder] | None = None) -> bytes:
    """Return the JSON text; half a surrogate pair, which UTF-8 can't encode, is escaped."""
    return json.dumps(data, cls=encoder, ensure_ascii=False).encode("utf-8", "backslashreplace")
