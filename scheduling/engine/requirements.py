"""What a script says it depends on: lines of `script_deps`, and a PEP 723 block in the script itself."""

from __future__ import annotations

import platform
import re
import tomllib
from collections.abc import Collection, Iterator

from django.utils.translation import gettext as _
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

MOST = 50
MOST_CHARACTERS = 300
# As PEP 723 gives it.
BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
LOCKED = re.compile(r"(?m)^([A-Za-z0-9][A-Za-z0-9._-]*)==")


class WrongRequirement(ValueError):
    """`field`: script_deps or script_content, where the line stands."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


def requirements_of(script_deps: str, script_content: str) -> tuple[str, ...]:
    """Of both, each once, in an order of its own. Raises WrongRequirement."""
    lines = [line.split(" #")[0].strip() for line in script_deps.splitlines()]
    found = {_read(line, "script_deps") for line in lines if line and not line.startswith("#")}
    found |= {_read(line, "script_content") for line in _in_block(script_content)}
    if len(found) > MOST:
        raise WrongRequirement("script_deps", _("More than %(most)d dependencies.") % {"most": MOST})
    return tuple(sorted(found))


def _read(line: str, field: str) -> str:
    """`name[extras] specifier` and nothing else: no address, no path, no option, no marker."""
    try:
        requirement = Requirement(line[:MOST_CHARACTERS])
    except InvalidRequirement:
        requirement = None
    if requirement is None or requirement.url or requirement.marker or len(line) > MOST_CHARACTERS:
        shown = line[:100]
        message = _("“%(line)s” is no dependency: write a name and versions, as in pandas>=2,<3.")
        raise WrongRequirement(field, message % {"line": shown})
    return str(requirement)


def _in_block(script: str) -> list[str]:
    blocks = [match["content"] for match in BLOCK.finditer(script) if match["type"] == "script"]
    if not blocks:
        return []
    if len(blocks) > 1:
        raise WrongRequirement("script_content", _("There is more than one block # /// script."))
    text = "".join(line[2:] if line.startswith("# ") else line[1:] for line in blocks[0].splitlines(True))
    try:
        block = tomllib.loads(text)
        wanted = SpecifierSet(block.get("requires-python", ""))
    except (tomllib.TOMLDecodeError, InvalidSpecifier, TypeError, AttributeError) as error:
        message = _("The block # /// script can't be read: %(why)s") % {"why": error}
        raise WrongRequirement("script_content", message) from error
    if not wanted.contains(platform.python_version()):
        message = _("The script wants Python %(wanted)s, scripts run with %(have)s.")
        have = platform.python_version()
        raise WrongRequirement("script_content", message % {"wanted": wanted, "have": have})
    lines = block.get("dependencies", [])
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise WrongRequirement("script_content", _("dependencies is a list of texts."))
    return lines


def refused(requirements: Collection[str], allow: Collection[str], deny: Collection[str]) -> Iterator[str]:
    """The names the operator does not take; an empty `allow` allows all."""
    allowed, denied = _names(allow), _names(deny)
    for requirement in requirements:
        name = canonicalize_name(Requirement(requirement).name)
        if name in denied or (allowed and name not in allowed):
            yield name


def denied_in(lock: str, deny: Collection[str]) -> list[str]:
    """Also what comes along uncalled must not be on the deny-list."""
    return sorted({canonicalize_name(name) for name in LOCKED.findall(lock)} & _names(deny))


def _names(names: Collection[str]) -> set[str]:
    return {str(canonicalize_name(name)) for name in names}
