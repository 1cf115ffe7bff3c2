"""Texts that cost those who read them more than they look like."""

from __future__ import annotations

COMMENT_OF_STARTS = "# /// a\n" * 131_000
DEEP_BLOCK = "# /// script\n# a = " + "[" * 2000 + "\n# ///\n"


def nested_returns(levels: int) -> str:
    """Each level is compiled twice: for the return, and for the end without one."""
    lines = ["def f():"]
    for depth in range(1, levels + 1):
        lines += ["  " * depth + "try: return", "  " * depth + "finally:"]
    return "\n".join([*lines, "  " * (levels + 1) + "pass"])
