"""Python's errors and warnings for a script before it runs, and its dependencies. It is compiled, never executed."""

from __future__ import annotations

import platform
import re
import tomllib
import warnings
from collections.abc import Iterator
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from sandbox.guest.source import hidden_result, without_mark

_MAX_PROBLEMS = 100
_MAX_REQUIREMENTS = 50
_MAX_LINE = 300
_MAX_WORDS = 300
_BLOCK_START = re.compile(r"# /// ([a-zA-Z0-9-]+)")
_BLOCK_END = "# ///"
_SIMPLE_REQUIREMENT = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w.,-]*\])?([<>=!~]=?=?[\w.*+!-]+)?")


class _WrongError(Exception):
    """The dependencies are wrong: `reason` is one of `sandbox.host.checked.REASONS`."""

    def __init__(self, field: str, reason: str, **detail: str) -> None:
        super().__init__(reason)
        self.answer = {"field": field, "reason": reason, "detail": detail}


def check(order: dict[str, Any]) -> dict[str, Any]:
    """Check the order {"script", "deps"}.

    Return {"problems": [[line, column, severity, message]], "requirements", "wrong"}. Lines and columns count from 1; a
    column of 0 means the whole line, a line of 0 the whole script.
    """
    script = without_mark(order["script"])
    answer: dict[str, Any] = {"problems": _problems(script), "requirements": [], "wrong": None}
    try:
        answer["requirements"] = _requirements(order["deps"], script)
    except _WrongError as error:
        answer["wrong"] = error.answer
    return answer


def _problems(script: str) -> list[tuple[int, int, str, str]]:
    """Return Python's errors and warnings as (line, column, severity, message).

    A warning is about code that runs but is hardly meant: `is` with a number, an unknown escape.
    """
    found: list[tuple[int, int, str, str]] = []
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        try:
            compile(script, "script", "exec", dont_inherit=True)
            if line := hidden_result(script):
                found.append((line, 0, "hidden_result", ""))
        except SyntaxError as error:
            found.append((error.lineno or 0, error.offset or 0, "error", error.msg))
        except (ValueError, RecursionError, OverflowError) as error:
            found.append((0, 0, "unreadable", str(error) or type(error).__name__))
    found += [(warning.lineno, 0, "warning", str(warning.message)) for warning in noted]
    return [(*problem[:3], problem[3][:_MAX_WORDS]) for problem in found[:_MAX_PROBLEMS]]


def _requirements(deps: str, script: str) -> list[str]:
    """Return the requirements of the dependency lines and of the script's own block, sorted, each once."""
    lines = [line.split(" #")[0].strip() for line in deps.splitlines()]
    found = {_parse_requirement(line, "script_deps") for line in lines if line and not line.startswith("#")}
    found |= {_parse_requirement(line, "script_content") for line in _requirements_in_block(script)}
    if len(found) > _MAX_REQUIREMENTS:
        raise _WrongError("script_deps", "too_many", most=str(_MAX_REQUIREMENTS))
    return sorted(found)


def _parse_requirement(line: str, field: str) -> str:
    """Return a requirement in its normal form.

    Only `name[extras] specifier` is accepted: no address, no path, no option, no marker. Raises _WrongError.
    """
    try:
        requirement = Requirement(line[:_MAX_LINE])
    except InvalidRequirement:
        requirement = None
    if requirement is None or requirement.url or requirement.marker or len(line) > _MAX_LINE:
        reason = "several" if _holds_several(line[:_MAX_LINE]) else "no_requirement"
        raise _WrongError(field, reason, line=line[:100])
    return str(requirement)


def _holds_several(line: str) -> bool:
    parts = re.split(r"[\s,;]+", line.strip(",; "))
    return len(parts) > 1 and all(_SIMPLE_REQUIREMENT.fullmatch(part) for part in parts)


def _requirements_in_block(script: str) -> list[str]:
    blocks = [text for kind, text in _blocks(script) if kind == "script"]
    if not blocks:
        return []
    if len(blocks) > 1:
        raise _WrongError("script_content", "two_blocks")
    try:
        block = tomllib.loads(blocks[0])
        wanted = SpecifierSet(block.get("requires-python", ""))
    except (tomllib.TOMLDecodeError, InvalidSpecifier, TypeError, AttributeError) as error:
        raise _WrongError("script_content", "unreadable_block", why=str(error)[:_MAX_WORDS]) from error
    except RecursionError as error:
        raise _WrongError(
            "script_content", "unreadable_block", why="the code is nested too deeply"
        ) from error
    have = platform.python_version()
    if not wanted.contains(have):
        raise _WrongError("script_content", "other_python", wanted=str(wanted)[:100], have=have)
    lines = block.get("dependencies", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise _WrongError("script_content", "no_list")
    return lines


def _blocks(script: str) -> Iterator[tuple[str, str]]:
    """Yield (type, text) of each block as PEP 723 defines them. Each line is looked at once.

    A block goes from its first line to the last "# ///" of the comment that follows. A comment without such an end
    therefore holds no block at all, wherever in it one would begin.
    """
    lines = [line.removesuffix("\r") for line in script.split("\n")]
    at = 0
    while at < len(lines):
        start = _BLOCK_START.fullmatch(lines[at])
        at += 1
        if start is None:
            continue
        first, last = at, 0
        while at < len(lines) and (lines[at] == "#" or lines[at].startswith("# ")):
            if lines[at] == _BLOCK_END and at > first:
                last = at
            at += 1
        if last:
            at = last + 1
            yield start[1], "".join(f"{line[2:]}\n" for line in lines[first:last])
