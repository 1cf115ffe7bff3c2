"""Reads JSON that people write, and refuses what no column can hold.

json.loads accepts more than JSON: NaN, the last of two equal keys, halves of surrogate pairs, numbers of any size.
Each would fail later, in the database or in the response, or be changed silently.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from django.utils.translation import gettext as _

from common.rules import depth_problem, json_problems


class MalformedJsonError(ValueError):
    """A text is no JSON, or holds more than a column can; the message says why."""


def parse_json(text: bytes | str) -> Any:
    """Return the JSON value. Raises MalformedJsonError."""
    try:
        value = json.loads(
            text, object_pairs_hook=_object_without_duplicates, parse_constant=_refuse_constant
        )
    except RecursionError:
        raise MalformedJsonError(depth_problem()) from None
    except ValueError as error:  # also for bytes that are not UTF-8, and integers of over 4300 digits
        raise MalformedJsonError(_("This is not JSON: %(why)s") % {"why": error}) from None
    if problem := next(json_problems(value), None):
        raise MalformedJsonError(problem)
    return value


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(_("the key “%(key)s” occurs twice") % {"key": key[:100]})
        found[key] = value
    return found


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(_("%(word)s is not a number") % {"word": word})
