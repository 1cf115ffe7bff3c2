"""What a declaration consists of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REQUIRED = object()
KIB, MIB = 1 << 10, 1 << 20


@dataclass(frozen=True)
class Parameter:
    """A parameter. The host limits each value to `max_bytes`: of a text as UTF-8, of anything else as JSON.

    `takes_rest`: it takes all further positional values, so those after it are given by name.
    """

    name: str
    default: Any = REQUIRED
    max_bytes: int = 4 * KIB
    takes_rest: bool = False

    def __str__(self) -> str:
        if self.takes_rest:
            return f"*{self.name}"
        return self.name if self.default is REQUIRED else f"{self.name}={self.default!r}"


@dataclass(frozen=True)
class Function:
    """A function of the SDK.

    `is_granted`: the host answers the call, if it passed a grant of this name; otherwise the guest answers by itself,
    or by calls of the granted function `made_of`, whose limits are then also its own. `max_total_bytes` limits the
    values of all calls of one run together.
    """

    name: str
    parameters: tuple[Parameter, ...]
    doc: str
    doc_zh: str
    example: str
    is_granted: bool = True
    made_of: str = ""
    max_total_bytes: int = 64 * MIB

    @property
    def signature(self) -> str:
        return f"{self.name}({', '.join(map(str, self.parameters))})"

    @property
    def is_limited(self) -> bool:
        return self.is_granted or bool(self.made_of)


@dataclass(frozen=True)
class Variable:
    name: str
    doc: str
    doc_zh: str


@dataclass(frozen=True)
class Module:
    """A name that scripts have without an import. `source` is module, or module:attribute."""

    name: str
    source: str
    example: str


@dataclass(frozen=True)
class ResultType:
    name: str
    doc: str
    doc_zh: str
    example: str
