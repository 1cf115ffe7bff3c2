"""The rule that a body must be JSON where its Content-Type says so."""

from __future__ import annotations

import re
from collections.abc import Mapping

from common import json_values

JSON = "application/json"
JSON_TYPE = re.compile(r"\s*application/(?:[\w.-]+\+)?json\b", re.IGNORECASE)


def content_type(headers: Mapping[str, str]) -> str:
    """Return the Content-Type among a task's headers, JSON where there is none."""
    return next((value for name, value in headers.items() if name.lower() == "content-type"), JSON)


def json_problem(body: str | bytes, headers: Mapping[str, str]) -> str:
    """Return why a body is not the JSON that its Content-Type promises, "" if it is. An empty body never is wrong."""
    if not JSON_TYPE.match(content_type(headers)) or not body.strip():
        return ""
    try:
        json_values.parse(body)
    except ValueError as error:
        return str(error)
    return ""
