"""A script's text, read and written as Python does with files."""

from __future__ import annotations

import io
import tokenize

_MARK = "\ufeff"  # the byte order mark that some editors write at the beginning


def without_mark(source: str) -> str:
    return source.removeprefix(_MARK)


def lines_of(source: str) -> list[str]:
    """Return the lines, counted as Python counts them: str.splitlines also ends lines at form feeds."""
    return io.StringIO(source, newline=None).readlines()


def file_content(source: str) -> bytes:
    """Return the bytes of the script's file: in the encoding that it declares, or in UTF-8 if that can't express it."""
    content = source.encode()
    try:
        declared, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return source.removeprefix(_MARK).encode(declared)
    except (SyntaxError, UnicodeError):
        return content
