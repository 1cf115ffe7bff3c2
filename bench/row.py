"""The figures that a measure finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Row:
    """One figure beside what it has to be and what other programs reach.

    `must` and `goal` are None where nothing is promised; `yardsticks`, in the same unit, were measured in the
    same run. `details` are JSON: counts, percentiles and other observations.
    """

    what: str
    figure: float
    unit: str
    must: float | None = None
    goal: float | None = None
    more_is_better: bool = False
    yardsticks: Mapping[str, float] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        if self.reaches(self.goal):
            return "goal"
        return "ok" if self.reaches(self.must) else "missed" if self.must is not None else ""

    def reaches(self, mark: float | None) -> bool:
        if mark is None:
            return False
        return self.figure >= mark if self.more_is_better else self.figure <= mark


def percentile(values: list[float], percent: float) -> float:
    ordered = sorted(values)
    return ordered[round((len(ordered) - 1) * percent / 100)]


def summary(values: list[float]) -> dict[str, float]:
    """Return the count of the values, and their p50, p99 and maximum in the values' own unit."""
    percents = {f"p{percent}": round(percentile(values, percent), 4) for percent in (50, 99)}
    return {"count": len(values)} | percents | {"max": round(max(values), 4)}
