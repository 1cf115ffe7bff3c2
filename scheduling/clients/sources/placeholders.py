"""The placeholders of a statement: %s and %(name)s on every kind of database, and no database's own."""

from __future__ import annotations

import re

from .errors import QueryRefusedError

_QUOTED_OR_COMMENT = re.compile(
    r"""'(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | `[^`]*` | /\*.*?\*/ | (?:--|\#)[^\n]*""",
    re.DOTALL | re.VERBOSE,
)
_FOREIGN = re.compile(r"(?<![\w$:?@])(?:\?\d* | :[A-Za-z_]\w* | \$\w+)(?![\w:?])", re.VERBOSE)


def require_known_placeholders(sql: str) -> None:
    """Raise QueryRefusedError for another library's placeholder: ?, :name, $1."""
    found = _FOREIGN.search(_QUOTED_OR_COMMENT.sub("''", sql))
    if found:
        raise QueryRefusedError(
            f"{found[0]} is no placeholder here: write %s and give params a list, or %(name)s and give it a dict"
        )
