"""A condition on a webhook's answer, for services that answer HTTP 200 to what has failed.

It is written `path operator value`: `errcode == 0`, `data.state in ["done", "idle"]`, `items[0] exists`. The path leads
into the answer's JSON, the value is JSON.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAX_LENGTH = 500
Cut = Callable[[str, int], str]
MISSING = object()
MAX_SHOWN = 200  # characters of a value in an error
NAME, INDEX = r"[^\W\d][\w-]*", r"\[\d{1,4}\]"
CONDITION = re.compile(
    rf"\s*(?:\$\.?)?(?P<path>(?:{NAME}|{INDEX})(?:\.{NAME}|{INDEX})*)\s*"
    r"(?:(?P<exists>exists)|(?P<operator>==|!=|<=|>=|<|>|in\b)\s*(?P<value>\S.*?))\s*",
    re.DOTALL,
)
# The envelopes of well-known services, offered on the form.
PRESETS = {
    "errcode == 0": gettext_lazy("DingTalk, WeCom"),
    "code == 0": gettext_lazy("Feishu"),
    "code == 200": "{code: 200, msg, data}",
    "success == true": "{success: true}",
    'status == "success"': '{status: "success"}',
    'status in ["ok", "success"]': '{status: "ok"}',
}


class UnmetError(Exception):
    """The answer does not meet the condition; the text says what came instead."""


class MalformedConditionError(ValueError):
    pass


@dataclass(frozen=True)
class SuccessCondition:
    """`steps` are the names and indexes on the way to the value that is judged."""

    steps: tuple[str | int, ...]
    operator: str
    value: Any = None

    def require(self, answer: Any, cut: Cut) -> None:
        """Raise UnmetError unless the answer, which is JSON, meets the condition.

        `cut` shortens what is shown of it, with no secret cut in two.
        """
        path, found = "", answer
        for step in self.steps:
            path += _written(step, path)
            found = _within(found, step)
            if found is MISSING:
                raise UnmetError(f"the answer has no {path}")
        if self.operator != "exists" and not JUDGES[self.operator](found, self.value):
            raise UnmetError(f"{path} is {cut(json.dumps(found, ensure_ascii=False), MAX_SHOWN)}")


def parse_condition(text: str) -> SuccessCondition:
    """Return the condition. Raises MalformedConditionError, whose text says in the reader's language what to write."""
    found = CONDITION.fullmatch(text)
    if not found:
        raise MalformedConditionError(_("Write a path, an operator and a value, such as: errcode == 0"))
    steps = tuple(
        int(step[1:-1]) if step.startswith("[") else step
        for step in re.findall(f"{NAME}|{INDEX}", found["path"])
    )
    if found["exists"]:
        return SuccessCondition(steps, "exists")
    try:
        value = json.loads(found["value"])
    except (ValueError, RecursionError):
        text = _("The value must be JSON, with texts in double quotes: %(value)s")
        raise MalformedConditionError(text % {"value": f'"{found["value"].strip(QUOTES)}"'}) from None
    if found["operator"] == "in" and not isinstance(value, list):
        raise MalformedConditionError(_("After “in” write a list, such as: code in [0, 200]"))
    return SuccessCondition(steps, found["operator"], value)


def condition_problem(text: str) -> str:
    try:
        parse_condition(text)
    except MalformedConditionError as error:
        return str(error)
    return ""


def _within(value: Any, step: str | int) -> Any:
    """Return what a step leads to, MISSING where there is nothing."""
    if isinstance(step, str):
        return value.get(step, MISSING) if isinstance(value, dict) else MISSING
    return value[step] if isinstance(value, list) and step < len(value) else MISSING


def _is_equal(found: Any, value: Any) -> bool:
    """Return whether two JSON values are equal; a number also equals the text that writes it, as in errcode "0"."""
    kinds = {type(found), type(value)}
    if str in kinds and kinds & {int, float}:
        return str(found) == str(value)
    return bool(found == value) and isinstance(found, bool) == isinstance(value, bool)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def judge(found: Any, value: Any) -> bool:
        is_text = isinstance(found, str) and isinstance(value, str)
        are_numbers = all(
            isinstance(one, int | float) and not isinstance(one, bool) for one in (found, value)
        )
        return (is_text or are_numbers) and compare(found, value)

    return judge


JUDGES: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": _is_equal,
    "!=": lambda found, value: not _is_equal(found, value),
    "in": lambda found, values: any(_is_equal(found, value) for value in values),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
}
QUOTES = "'\"“”‘’"


def _written(step: str | int, before: str) -> str:
    return f"[{step}]" if isinstance(step, int) else f".{step}" if before else step
