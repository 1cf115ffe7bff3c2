"""What a command of a QingLong task runs: the script, its arguments and its accounts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from platform_site.importing.scripts.command_words import words_of

OTHER_LANGUAGES = {
    ".js": "JavaScript", ".mjs": "JavaScript", ".ts": "TypeScript", ".sh": "a shell script", ".pyc": "compiled Python",
}  # fmt: skip
SCRIPTS = "/scripts/"
ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][0-9A-Za-z_]*")
NUMBERS = re.compile(r"(?P<first>\d+|max)(?:[-~_](?P<last>\d+|max))?")
DURATION = re.compile(r"(\d+)([smhd]?)")
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
PYTHONS = ("python", "python3")


class OtherCommandError(ValueError):
    """The command runs no Python script, or not in a way that is possible here; the message says why."""


@dataclass(frozen=True)
class Accounts:
    """Which accounts of a variable a run is for: slices of its list, such as "[0:3]", in their order."""

    variable: str
    slices: Sequence[str]
    side_by_side: bool


@dataclass(frozen=True)
class Command:
    """`path` is relative to the folder of scripts. `seconds` is the time limit, None for QingLong's own."""

    path: PurePosixPath
    arguments: Sequence[str] = ()
    accounts: Accounts | None = None
    seconds: int | None = None


def read_command(text: str) -> Command:
    """Read a command as `task` does. Raises OtherCommandError, ShellCommandError."""
    words = words_of(text)
    if words[:1] == ["task"]:
        words = words[1:]
    words, seconds = _without_options(words)
    is_python = words[:1] != [] and words[0] in PYTHONS
    words = [word for word in words[1:] if word != "-u"] if is_python else words
    if not words:
        raise OtherCommandError("The command runs no script.")
    path, rest = _path(words[0]), words[1:]
    if is_python:
        return Command(path, rest, seconds=seconds)
    own, after = (rest[: rest.index("--")], rest[rest.index("--") + 1 :]) if "--" in rest else (rest, [])
    if own[:1] and own[0] in ("conc", "desi"):
        return Command(path, after, _accounts(own), seconds)
    return Command(path, after if own in ([], ["now"]) else own, seconds=seconds)


def _without_options(words: list[str]) -> tuple[list[str], int | None]:
    """Take off `-l`, which shows the log, and `-m`, the time limit."""
    seconds = None
    while words[:1] and words[0] in ("-l", "-m"):
        if words[0] == "-m":
            found = DURATION.fullmatch(words[1] if len(words) > 1 else "")
            seconds = int(found[1]) * SECONDS[found[2]] if found else None
            words = words[1:]
        words = words[1:]
    return words, seconds


def _path(text: str) -> PurePosixPath:
    if text == "ql":
        raise OtherCommandError(
            "“ql” is a command of QingLong itself, such as an update of its subscriptions."
        )
    path = PurePosixPath(text.rpartition(SCRIPTS)[2] if text.startswith("/") and SCRIPTS in text else text)
    if language := OTHER_LANGUAGES.get(path.suffix):
        raise OtherCommandError(f"{path.name} is {language}; scripts here are Python.")
    if path.suffix != ".py":
        raise OtherCommandError(f"“{text[:100]}” is no Python script.")
    if path.is_absolute():
        raise OtherCommandError(f"{text[:100]} is outside QingLong's folder of scripts.")
    return path


def _accounts(words: Sequence[str]) -> Accounts:
    how, *rest = words
    if not rest or not ENVIRONMENT_NAME.fullmatch(rest[0]):
        raise OtherCommandError(f"“{how}” names no environment variable.")
    slices = [_slice(text) for text in rest[1:] or ["1-max"]]
    return Accounts(rest[0], slices, side_by_side=how == "conc")


def _slice(text: str) -> str:
    found = NUMBERS.fullmatch(text)
    first, last = (found["first"], found["last"] or found["first"]) if found else ("0", "0")
    if "0" in (first, last) or first == last == "max":
        raise OtherCommandError(f"“{text[:50]}” names no accounts.")
    ends = [int(end) for end in (first, last) if end != "max"]
    is_down = first == "max" or (last != "max" and int(first) > int(last))
    upto = "" if "max" in (first, last) else max(ends)
    return f"[{min(ends) - 1}:{upto}]" + ("[::-1]" if is_down else "")
