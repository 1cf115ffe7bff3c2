from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Grade = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """What a check found. `fix` says what to do; a problem keeps due tasks from running, a warning does not."""

    part: str
    grade: Grade
    text: str
    fix: str = ""


def ok(part: str, text: str) -> Finding:
    return Finding(part, "ok", text)


def warning(part: str, text: str, fix: str) -> Finding:
    return Finding(part, "warning", text, fix)


def problem(part: str, text: str, fix: str) -> Finding:
    return Finding(part, "problem", text, fix)
