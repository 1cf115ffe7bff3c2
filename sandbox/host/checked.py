"""The result of checking a script, validated because it comes from the jail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sandbox.host.errors import SandboxLostError
from sandbox.host.output import safe_text

Severity = Literal["error", "unreadable", "warning", "hidden_result"]

REASONS = frozenset(
    {"too_many", "no_requirement", "several", "two_blocks", "unreadable_block", "other_python", "no_list"}
)
# What an installer's command line or file may contain: a name, extras, versions. No option, address, path or marker.
_REQUIREMENT = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9._,-]*\])?([<>=!~]=?=?[A-Za-z0-9._*+!-]+,?)*"
)
_MAX_REQUIREMENT, _MAX_REQUIREMENTS, _MAX_PROBLEMS = 400, 50, 100


@dataclass(frozen=True)
class Problem:
    """An error or a warning in a script.

    `line` and `column` count from 1; a column of 0 means the whole line, a line of 0 the whole script.

    `severity`: "unreadable" is an error whose message says only why Python gave up. "hidden_result", without a message,
    is a warning: the function at that line assigns `result`, and nothing does at the top level.
    """

    line: int
    column: int
    severity: Severity
    message: str


@dataclass(frozen=True)
class WrongInput:
    """Why the dependencies can't be accepted: the field, one of REASONS, and the details of that reason."""

    field: Literal["script_deps", "script_content"]
    reason: str
    detail: Mapping[str, str]


@dataclass(frozen=True)
class Checked:
    """A checked script. `requirements` are sorted, each once; they are empty if something is `wrong` with them."""

    problems: tuple[Problem, ...]
    requirements: tuple[str, ...]
    wrong: WrongInput | None


def read_checked(answer: Mapping[str, Any]) -> Checked:
    """Return a job's answer as a Checked. Raises SandboxLostError for an answer that no honest job gives."""
    match answer:
        case {"problems": [*problems], "requirements": [*requirements], "wrong": wrong} if (
            len(problems) <= _MAX_PROBLEMS and len(requirements) <= _MAX_REQUIREMENTS
        ):
            return Checked(
                tuple(map(_read_problem, problems)),
                tuple(map(_read_requirement, requirements)),
                _read_wrong(wrong),
            )
    raise _protocol_error()


def _read_problem(found: Any) -> Problem:
    match found:
        case [
            int(line),
            int(column),
            "error" | "unreadable" | "warning" | "hidden_result" as severity,
            str(message),
        ]:
            return Problem(line, column, severity, safe_text(message[:1000]))
    raise _protocol_error()


def _read_requirement(found: Any) -> str:
    if isinstance(found, str) and len(found) <= _MAX_REQUIREMENT and _REQUIREMENT.fullmatch(found):
        return found
    raise _protocol_error()


def _read_wrong(found: Any) -> WrongInput | None:
    match found:
        case None:
            return None
        case {
            "field": "script_deps" | "script_content" as field,
            "reason": str(reason),
            "detail": dict(detail),
        } if reason in REASONS:
            return WrongInput(
                field, reason, {name: safe_text(str(text)[:1000]) for name, text in detail.items()}
            )
    raise _protocol_error()


def _protocol_error() -> SandboxLostError:
    return SandboxLostError("The sandbox gave an invalid answer.")
