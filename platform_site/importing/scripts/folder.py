"""A folder of scripts from elsewhere. Nothing outside it is read, whatever its symbolic links say."""

from __future__ import annotations

import ast
import importlib.util
import os
import stat
import warnings
from dataclasses import dataclass
from pathlib import Path

MAX_BYTES = 1 << 20


class UnusableScriptError(ValueError):
    """A script can't be taken over; the message is a sentence that says why."""


@dataclass(frozen=True)
class Script:
    """A Python file that compiles. `path` is relative to its folder."""

    path: Path
    text: str
    tree: ast.Module


class ScriptFolder:
    def __init__(self, root: Path) -> None:
        self.root = root.resolve()

    def holds(self, path: Path) -> bool:
        """Return whether there is such a file in the folder."""
        try:
            found = (self.root / path).resolve()
            return found.is_relative_to(self.root) and found.is_file()
        except (OSError, ValueError):  # a name that is too long or contains a null byte
            return False

    def script(self, path: Path) -> Script:
        """Read a script, decoded as Python itself decodes it. Raises UnusableScriptError."""
        if not self.holds(path):
            raise UnusableScriptError(f"The script {path} is not in the folder.")
        try:
            text = importlib.util.decode_source(_content((self.root / path).resolve()))
            with warnings.catch_warnings(action="ignore"):
                return Script(path, text, ast.parse(text))
        except OSError as error:
            raise UnusableScriptError(f"The script {path} can't be read: {error.strerror}.") from error
        except SyntaxError as error:
            where = f" (line {error.lineno})" if error.lineno else ""
            raise UnusableScriptError(f"{path} is not valid Python 3: {error.msg}{where}.") from error
        except (ValueError, RecursionError, MemoryError) as error:
            raise UnusableScriptError(f"{path} is not valid Python 3: {error}.") from error


def _content(file: Path) -> bytes:
    """Read a regular file. Raises OSError, and UnusableScriptError where it is too large."""
    with open(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as opened:
        content = opened.read(MAX_BYTES + 1) if stat.S_ISREG(os.fstat(opened.fileno()).st_mode) else b""
    if len(content) > MAX_BYTES:
        raise UnusableScriptError(f"{file.name} takes more than {MAX_BYTES >> 20} MiB.")
    return content
