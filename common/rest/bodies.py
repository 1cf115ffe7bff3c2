"""Reads a request's JSON and refuses what no column can hold.

json.loads takes more than JSON: NaN, the last of two equal keys, halves of surrogate pairs, numbers of any size.
Each would fail later, in the database or in the answer, or be changed without a word.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from common.rest.problems import FieldError, Unprocessable

MOST_DEEP = 64
MOST_INTEGER = 2**63 - 1  # MySQL turns larger ones in a JSON column into floats


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return read(request.body)


def read(body: bytes) -> Any:
    """Raises Unprocessable."""
    try:
        return value_of(body)
    except MalformedJsonError as error:
        raise Unprocessable([FieldError("", str(error))], code="malformed_json") from None


class MalformedJsonError(ValueError):
    """What somebody sent is no JSON, or more than a column can hold; the text says so."""


def value_of(text: bytes | str) -> Any:
    """Return what the JSON says. Raises MalformedJsonError."""
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_no_number)
    except RecursionError:
        raise MalformedJsonError(_too_deep()) from None
    except ValueError as error:  # also of UTF-8, and of integers with over 4300 digits
        raise MalformedJsonError(_("This is not JSON: %(why)s") % {"why": error}) from None
    if problem := next(_problems(value), None):
        raise MalformedJsonError(problem)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(_("the key “%(key)s” stands there twice") % {"key": key[:100]})
        found[key] = value
    return found


def _no_number(word: str) -> NoReturn:
    raise ValueError(_("%(word)s is no number") % {"word": word})


def _problems(value: Any) -> Iterator[str]:
    """What is wrong with a value or anything in it, level by level: no recursion on what may be deep."""
    level = [value]
    for _depth in range(MOST_DEEP):
        for item in level:
            yield from _problems_of(item)
        level = [inner for item in level for inner in _inside(item)]
        if not level:
            return
    yield _too_deep()


def _too_deep() -> str:
    return _("The body is nested more than %(most)d deep.") % {"most": MOST_DEEP}


def _inside(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return [*item, *item.values()]
    return item if isinstance(item, list) else []


def _has_bytes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _problems_of(item: Any) -> Iterator[str]:
    if isinstance(item, str):
        if "\x00" in item:
            yield _("A text holds the character NUL.")
        if not _has_bytes(item):
            yield _("A text holds half of a surrogate pair.")
    elif isinstance(item, int) and not -MOST_INTEGER <= item <= MOST_INTEGER:
        yield _("A number does not fit into 64 bits.")
    elif isinstance(item, float) and not math.isfinite(item):
        yield _("A number is too large.")
