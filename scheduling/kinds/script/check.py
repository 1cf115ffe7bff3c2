"""Checks of a script before it runs: it is compiled in the sandbox, never executed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from django.utils.translation import gettext as _

from sandbox.host import checked
from sandbox.host.checked import Checked
from sandbox.host.errors import JobDiedError, SandboxError
from sandbox.host.jobs import MAX_SCRIPT
from scheduling.jail import jobs, why_undone


@dataclass(frozen=True)
class Problem:
    """`line` and `column` count from 1; a column of 0 means the whole line, a line of 0 the whole script."""

    line: int
    column: int
    severity: Literal["error", "warning"]
    message: str


def problems(script: str, lane: str) -> Iterator[Problem]:
    """Yield the script's errors and warnings. Warnings are for code that runs but is hardly meant.

    Examples are `is` with a number, and an unknown escape.
    """
    if not script:
        return
    try:
        found = look(script, "", lane).problems
    except SandboxError as error:
        yield Problem(0, 0, "error", why_unchecked(error))
        return
    yield from map(_problem, found)


def errors(script: str, script_deps: str, tenant_id: str | None) -> Iterator[Problem]:
    """Yield the script's errors. Raises SandboxError.

    The dependencies are read in the same call, so that the next caller that needs them has them at once.
    """
    if script or script_deps.strip():
        found = map(_problem, look(script, script_deps, tenant_id).problems)
        yield from (problem for problem in found if problem.severity == "error")


# One save asks for problems and dependencies more than once. A job that died is not cached.
@lru_cache(maxsize=8)
def look(script: str, script_deps: str, lane: str | None) -> Checked:
    """Return the sandbox's check of both texts. `lane` is the tenant it is done for. Raises SandboxError."""
    if max(len(script), len(script_deps)) > MAX_SCRIPT:
        raise JobDiedError("size")
    return jobs().check(script, script_deps, lane or "")


def why_unchecked(error: SandboxError) -> str:
    if isinstance(error, JobDiedError):
        return _("Python can't parse this: %(why)s") % {"why": why_undone(error)}
    return _("The script can't be checked right now: %(why)s") % {"why": error}


def _problem(found: checked.Problem) -> Problem:
    if found.severity == "unreadable":
        why = _("Python can't parse this: %(why)s") % {"why": found.message}
        return Problem(found.line, found.column, "error", why)
    if found.severity == "hidden_result":
        text = _(
            "This function assigns `result`, but nothing does at the top level of the script, where it counts: nothing "
            "will be sent. Return the value, and write for example `result = main()` at the end."
        )
        return Problem(found.line, found.column, "warning", text)
    return Problem(found.line, found.column, found.severity, found.message)
