"""The result of checking templates, validated because it comes from the jail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.host.errors import SandboxLostError


@dataclass(frozen=True)
class CheckedTemplate:
    """`wrong` is what is wrong with the syntax, "" where nothing is.

    `uses` are the names that the template takes from outside. Without those in `needs` it can't be rendered.
    """

    wrong: str
    uses: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()


def read_templates(answer: Mapping[str, Any], count: int) -> list[CheckedTemplate]:
    """Return what the jail says of so many templates. Raises SandboxLostError."""
    match answer:
        case {"checked": [*checked]} if len(checked) == count:
            return [_read(one) for one in checked]
    raise SandboxLostError("The sandbox gave an invalid answer.")


def _read(checked: Any) -> CheckedTemplate:
    match checked:
        case {"wrong": str(wrong), "uses": [*uses], "needs": [*needs]}:
            if all(isinstance(name, str) for name in (*uses, *needs)):
                return CheckedTemplate(wrong, frozenset(uses), frozenset(needs))
    raise SandboxLostError("The sandbox gave an invalid answer.")
