"""What Python says of a script before it runs: it is compiled, never executed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Problem:
    """`line` and `column` count from 1; a column of 0 means the whole line, a line of 0 the whole script."""

    line: int
    column: int
    severity: Literal["error", "warning"]
    message: str


def problems(script: str) -> Iterator[Problem]:
    """Warnings are of what runs and is hardly meant: `is` with a number, an unknown escape."""
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        try:
            compile(script, "script", "exec", dont_inherit=True)
        except SyntaxError as error:
            yield Problem(error.lineno or 0, error.offset or 0, "error", error.msg)
        except (ValueError, RecursionError, MemoryError, OverflowError) as error:
            why = _("Python can't read this: %(why)s") % {"why": error or type(error).__name__}
            yield Problem(0, 0, "error", why)
    for warning in noted:
        yield Problem(warning.lineno, 0, "warning", str(warning.message))


def errors(script: str) -> Iterator[Problem]:
    return (problem for problem in problems(script) if problem.severity == "error")
