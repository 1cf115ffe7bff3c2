"""What can be said of a script by its text; and its file, as Python would read it."""

from __future__ import annotations

import io
import symtable
import tokenize

_MARK = "\ufeff"  # the byte order mark that some editors write at the beginning
_RESULT = "result"
_OTHER_WAYS = {"exec", "globals", "notify", "dingtalk", "wecom"}


def without_mark(source: str) -> str:
    return source.removeprefix(_MARK)


def lines_of(source: str) -> list[str]:
    """Return the lines, counted as Python counts them: str.splitlines also ends lines at form feeds."""
    return io.StringIO(source, newline=None).readlines()


def file_content(source: str) -> bytes:
    """Return the bytes of the script's file: in the encoding that it declares, or in UTF-8 if that can't express it."""
    content = source.encode()
    if b"coding" not in content:
        return content
    try:
        declared, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return source.removeprefix(_MARK).encode(declared)
    except (SyntaxError, UnicodeError):
        return content


def hidden_result(source: str) -> int:
    """Return the line of a function that assigns `result` if nothing does at the top level, where it counts; else 0.

    It is 0 as well for a script that sends its messages itself, or may set names in ways that can't be seen here.
    """
    top = symtable.symtable(source, "script", "exec")
    scopes = [top]
    for scope in scopes:
        scopes += scope.get_children()
    if any(_OTHER_WAYS & set(scope.get_identifiers()) for scope in scopes):
        return 0
    assigned = [scope for scope in scopes if _assigns_result(scope)]
    if any(scope is top or scope.lookup(_RESULT).is_global() for scope in assigned):
        return 0
    return assigned[0].get_lineno() if assigned else 0


def _assigns_result(scope: symtable.SymbolTable) -> bool:
    if _RESULT not in scope.get_identifiers():
        return False
    symbol = scope.lookup(_RESULT)
    return symbol.is_assigned() or symbol.is_imported()
