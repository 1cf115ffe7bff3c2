"""What a column may hold: each rule is an object that says what is wrong with a value, in the reader's language.

A model names the rules of its columns (`common.ruled`), where they hold for everyone who writes a row; the API's
schemas show them (`common.rest.fields.schema_of_column`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.http import HttpError
from common.http.urls import parse_proxy, parse_target
from common.json_values import MAX_DEPTH, why_unfit

MAX_INTEGER = 2**63 - 1  # MySQL turns larger ones in a JSON column into floats


class Rule(Protocol):
    def problem_with(self, value: Any) -> str:
        """Return in words what is wrong with a value; "" if nothing is."""


@dataclass(frozen=True)
class Range:
    """A whole number, both ends included. `setting` names the operator's maximum, which counts if it is less."""

    minimum: int
    maximum: int
    setting: str = ""

    def problem_with(self, value: Any) -> str:
        if not isinstance(value, int) or isinstance(value, bool):
            return _("This must be a whole number.")
        if value < self.minimum:
            return _("This must be at least %(ge)s.") % {"ge": self.minimum}
        if value > self.maximum:
            return _("This must be at most %(le)s.") % {"le": self.maximum}
        if self.setting and value > (maximum := getattr(settings, self.setting)):
            text = _("This must be at most %(most)d, the operator's limit (%(setting)s).")
            return text % {"most": maximum, "setting": self.setting}
        return ""


@dataclass(frozen=True)
class Text:
    """A text of `min_length` to `max_length` characters.

    The whole text must match `pattern`, which Python, Rust and JavaScript read alike; `explanation` says so in words.
    `find_problem` returns what else is wrong with a text that is not empty. `is_trimmed`: white space around it was
    copied by mistake, and is taken away before the text is judged and stored.
    """

    max_length: int
    min_length: int = 0
    pattern: str = ""
    explanation: str | Promise = ""
    find_problem: Callable[[str], str] | None = None
    is_trimmed: bool = False

    def problem_with(self, value: Any) -> str:
        if not isinstance(value, str):
            return _("This must be text.")
        if len(value) < self.min_length:
            return _("This is too short: the minimum length is %(min_length)d.") % {
                "min_length": self.min_length
            }
        if len(value) > self.max_length:
            return _("This is too long: the maximum length is %(max_length)d.") % {
                "max_length": self.max_length
            }
        if self.pattern and not re.fullmatch(self.pattern, value):
            return str(self.explanation) or _("This must match the pattern %(pattern)s.") % {
                "pattern": self.pattern
            }
        return storage_problem(value) or (self.find_problem(value) if self.find_problem and value else "")


@dataclass(frozen=True)
class OneOf:
    values: tuple[str, ...]

    def problem_with(self, value: Any) -> str:
        expected = {"expected": ", ".join(self.values)}
        return "" if value in self.values else _("This must be one of: %(expected)s.") % expected


@dataclass(frozen=True)
class Items:
    """A list, which may be empty; `is_unique`: no entry may come twice."""

    item: Range | Text
    max_length: int
    is_unique: bool = False

    def problem_with(self, value: Any) -> str:
        if not isinstance(value, list):
            return _("This must be a list.")
        if len(value) > self.max_length:
            return _("There are too many entries: the maximum is %(max_length)d.") % {
                "max_length": self.max_length
            }
        if text := next(filter(None, map(self.item.problem_with, value)), ""):
            return text
        return _("An entry is there twice.") if self.is_unique and len({*value}) < len(value) else ""


@dataclass(frozen=True)
class Json:
    """A JSON value that every database gives back as it was."""

    max_bytes: int
    is_object: bool = False

    def problem_with(self, value: Any) -> str:
        if self.is_object and not isinstance(value, dict):
            return _("This must be an object.")
        if text := next(json_problems(value), ""):
            return text
        if why_unfit(value, self.max_bytes):
            return _("The value must not exceed %(most)d KiB as JSON.") % {"most": self.max_bytes >> 10}
        return ""


@dataclass(frozen=True)
class Moment:
    """A time. Years far out are refused: in another zone they would leave the calendar."""

    years: range = range(1970, 9000)

    def problem_with(self, value: Any) -> str:
        if isinstance(value, datetime) and value.year in self.years:
            return ""
        return _("The year must be between 1970 and 9000.")


def web_address_problem(url: str) -> str:
    """Return what is wrong with a URL as it is written. Where it leads is judged when it is called, after DNS."""
    return _parsing_problem(parse_target, url)


def proxy_address_problem(url: str) -> str:
    return _parsing_problem(parse_proxy, url)


def _parsing_problem(parse: Callable[[str], object], url: str) -> str:
    try:
        parse(url)
    except HttpError as error:
        return _("This web address can't be used: %(why)s") % {"why": error}
    return ""


_LINE_CHARACTER = r"[^\x00-\x1f\x7f]"
_WORD_CHARACTER = r"[^\s\x00-\x1f\x7f]"
NAME = Text(
    100,
    1,
    rf"^{_LINE_CHARACTER}*{_WORD_CHARACTER}{_LINE_CHARACTER}*$",
    gettext_lazy("Write a name on one line; it must not be blank."),
)
LINE = Text(100, 0, rf"^{_LINE_CHARACTER}*$", gettext_lazy("Write it on one line."))
CODE = Text(
    50,
    1,
    r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,49}$",
    gettext_lazy("Begin with a letter or a digit, then use letters, digits, dots, dashes and underscores."),
)
LONG = Text(1 << 20)
WEB = Text(2000, find_problem=web_address_problem, is_trimmed=True)
PROXY = Text(2000, find_problem=proxy_address_problem, is_trimmed=True)
MOMENT = Moment()


def word_rule(max_length: int) -> Text:
    """Return the rule for a name that programs ask for: a text without spaces."""
    return Text(max_length, 1, rf"^{_WORD_CHARACTER}+$", gettext_lazy("Write it without spaces."))


def trimmed_rule(max_length: int) -> Text:
    explanation = gettext_lazy("Write it on one line, without a space at either end.")
    return Text(max_length, 1, rf"^{_WORD_CHARACTER}({_LINE_CHARACTER}*{_WORD_CHARACTER})?$", explanation)


def json_problems(value: Any) -> Iterator[str]:
    """Yield what is wrong with a JSON value or anything in it.

    Works level by level, without recursion: the value may be deep.
    """
    level = [value]
    for _depth in range(MAX_DEPTH):
        for item in level:
            if text := storage_problem(item):
                yield text
        level = [inner for item in level for inner in _children(item)]
        if not level:
            return
    yield depth_problem()


def depth_problem() -> str:
    return _("The body is nested more than %(most)d levels deep.") % {"most": MAX_DEPTH}


def storage_problem(item: Any) -> str:
    """Return why no column can keep a text or a number as it is; "" if every column can."""
    if isinstance(item, str):
        if "\x00" in item:
            return _("A text contains the character NUL: remove it.")
        if not _is_utf8(item):
            return _("A text contains half of a surrogate pair: remove it.")
    elif isinstance(item, int) and not -MAX_INTEGER <= item <= MAX_INTEGER:
        return _("A number does not fit in 64 bits.")
    elif isinstance(item, float) and not math.isfinite(item):
        return _("A number is too large.")
    return ""


def _children(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return [*item, *item.values()]
    return item if isinstance(item, list) else []


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
