"""What becomes of due times that are reached late. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Fate = Literal["run", "late_run", "missed"]


@dataclass(frozen=True)
class Verdict:
    due_at: datetime
    fate: Fate


def judge(
    dues: Sequence[datetime], now: datetime, policy: str, grace: timedelta, *, more: bool = False
) -> list[Verdict]:
    """One verdict for each due time, in order; `more` says that later ones than these are late too.

    Within its grace a due time is no misfire. `fire_once` runs the latest of the late ones; `fire_all` runs
    every one, in order (`late_run`: it waits for the one before instead of being skipped for overlap).
    """
    late = [due for due in dues if now - due > grace]
    latest = None if more or not late else late[-1]
    return [Verdict(due, _fate(due, now - due > grace, policy, latest)) for due in dues]


def _fate(due: datetime, is_late: bool, policy: str, latest: datetime | None) -> Fate:
    if not is_late:
        return "run"
    if policy == "fire_all":
        return "late_run"
    return "run" if policy == "fire_once" and due == latest else "missed"
