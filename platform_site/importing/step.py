"""One row that a document makes or changes, and why a document is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Act = Literal["create", "update", "keep"]


class DocumentRefusedError(Exception):
    """A document is refused. `reasons` lists everything that is wrong, each with its row and column."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = list(reasons)


@dataclass(frozen=True)
class Step:
    """One planned change. `fields` is {column: [old, new]}; of a secret column it shows only that it changes.

    `carry_out` takes the time that is now. It raises DocumentRefusedError where the row has been changed since the
    plan was made.
    """

    kind: Literal["calendar", "task"]
    key: str
    act: Act
    fields: Mapping[str, list[Any]]
    carry_out: Callable[[datetime], object]

    @property
    def name(self) -> str:
        return self.key if self.kind == "task" else f"{self.kind} {self.key}"


def act_of(is_stored: bool, fields: Mapping[str, list[Any]]) -> Act:
    return "create" if not is_stored else "update" if fields else "keep"
