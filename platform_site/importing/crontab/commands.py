"""What the command of a crontab's line starts: a Python script, or a call of an address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from platform_site.importing.crontab.curl import read_request
from platform_site.importing.http_request import Request
from platform_site.importing.scripts.command_words import words_of

# Where the output goes, at the end of a command, as in >> /var/log/a.log 2>&1.
OUTPUT = re.compile(r"""(?:\s+(?:[12]|&)?>{1,2}\s*(?:&[12]|[^\s'"|;<>()&]+))+\s*$""")
FOLDER = re.compile(r"""cd\s+(?P<folder>[^\s'"|;<>()&$`]+)\s*&&\s*(?P<rest>\S.*)""")
PYTHON = re.compile(r"(?:.*/)?python(?:\d(?:\.\d+)?)?")
ENV = ("env", "/usr/bin/env", "/bin/env")
FLAGS = {"-u", "-E", "-B", "-O", "-I", "-s", "-S"}


class OtherCommandError(ValueError):
    """The command starts neither; the message says why it is left."""


@dataclass(frozen=True)
class PythonCommand:
    path: Path
    arguments: Sequence[str]


def read_command(text: str, home: Path) -> PythonCommand | Request:
    """Read a command that starts in the folder `home`.

    Raises OtherCommandError, ShellCommandError, OtherRequestError.
    """
    folder, text = home, OUTPUT.sub("", text).strip()
    if found := FOLDER.fullmatch(text):
        folder, text = _below(home, found["folder"]), found["rest"]
    words = words_of(text)
    words = words[1:] if words and words[0] in ENV else words
    if not words:
        raise OtherCommandError("The line has no command.")
    if request := read_request(words):
        return request
    if PYTHON.fullmatch(words[0]):
        words = words[1:]
        while words and words[0] in FLAGS:
            words = words[1:]
        if not words or words[0].startswith("-"):
            raise OtherCommandError("It runs Python, but no script file.")
    elif not words[0].endswith(".py"):
        raise OtherCommandError(f"“{words[0][:50]}” is no Python script, and no call of an address.")
    return PythonCommand(_below(folder, words[0]), words[1:])


def _below(folder: Path, text: str) -> Path:
    return folder / (text.removeprefix("~/"))
