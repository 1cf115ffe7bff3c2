"""A script's requirements: lines of `script_deps`, and a PEP 723 block in the script itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _
from packaging.utils import canonicalize_name

from sandbox.host.checked import WrongInput
from sandbox.host.errors import JobDiedError
from scheduling.kinds.script.check import look, why_unchecked

NAME = re.compile(r"[A-Za-z0-9._-]+")
LOCKED = re.compile(r"(?m)^([A-Za-z0-9][A-Za-z0-9._-]*)==")
BLOCK = "# /// script"  # of PEP 723


class InvalidRequirementError(ValueError):
    """`field` is script_deps or script_content, where the line is."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def requirements_of(script_deps: str, script_content: str, tenant_id: str | None) -> tuple[str, ...]:
    """Return the requirements of both, each once and sorted.

    Raises InvalidRequirementError, and SandboxError if the sandbox can't look.
    """
    if not script_deps.strip() and BLOCK not in script_content:
        return ()
    try:
        found = look(script_content, script_deps, tenant_id)
    except JobDiedError as error:
        raise InvalidRequirementError("script_content", why_unchecked(error)) from None
    if found.wrong is not None:
        raise InvalidRequirementError(found.wrong.field, _words(found.wrong))
    return found.requirements


def _words(wrong: WrongInput) -> str:
    match wrong.reason:
        case "too_many":
            text = _("A task can have at most %(most)s dependencies.")
        case "no_requirement":
            text = _("“%(line)s” is not a dependency: write a name and versions, such as pandas>=2,<3.")
        case "several":
            text = _("“%(line)s” names several dependencies: write each on a line of its own.")
        case "two_blocks":
            text = _("The script has more than one # /// script block: keep only one.")
        case "other_python":
            text = _("The script requires Python %(wanted)s, but scripts run with %(have)s.")
        case "no_list":
            text = _("dependencies is a list of texts.")
        case _:
            text = _("The block # /// script can't be read: %(why)s")
    return text % wrong.detail


def refused(requirements: Collection[str], allow: Collection[str], deny: Collection[str]) -> Iterator[str]:
    """Yield the names that the operator does not allow; an empty `allow` allows all."""
    allowed, denied = _names(allow), _names(deny)
    for requirement in requirements:
        named = NAME.match(requirement)
        name = canonicalize_name(named[0] if named else requirement)
        if name in denied or (allowed and name not in allowed):
            yield name


def denied_in(lock: str, deny: Collection[str]) -> list[str]:
    """Return the locked packages on the deny-list: dependencies of dependencies must not be on it either."""
    return sorted({canonicalize_name(name) for name in LOCKED.findall(lock)} & _names(deny))


def _names(names: Collection[str]) -> set[str]:
    return {str(canonicalize_name(name)) for name in names}
