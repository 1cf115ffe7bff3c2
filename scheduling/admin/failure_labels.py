"""Small pieces of the pages of failures: the state's label, and how often it failed on each of the last days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.template.loader import render_to_string
from django.utils import timezone

from scheduling.beat.daily_counts import DAYS
from scheduling.lifecycle.failures import day_of
from scheduling.models import FailureGroup, FailureState
from tenants.admin.labels import Colour, label

COLOURS: dict[str, Colour] = {
    FailureState.OPEN: "danger",
    FailureState.RESOLVED: "success",
    FailureState.MUTED: "default",
}
HEIGHT, BAR, GAP = 20, 5, 2


@dataclass(frozen=True)
class Bar:
    """One day in the picture; x, y and height are in its own units."""

    x: int
    y: int
    height: int
    day: str
    count: int


def state_label(group: FailureGroup) -> str:
    return label(FailureState(group.state).label, COLOURS[group.state])


def sparkline(days: Mapping[str, float], now: datetime) -> str:
    """Draw the counts of the last 14 days as bars, the latest on the right."""
    bars = bars_of(days, now)
    total = sum(bar.count for bar in bars)
    size = {"width": DAYS * (BAR + GAP) - GAP, "height": HEIGHT, "bar": BAR}
    return render_to_string("platform/sparkline.html", {"bars": bars, "total": total, "days": DAYS, **size})


def bars_of(days: Mapping[str, float], now: datetime) -> list[Bar]:
    with timezone.override(None):  # the platform's days, as they were counted
        names = [day_of(now - timedelta(days=DAYS - 1 - n)) for n in range(DAYS)]
    counts = [int(days.get(name, 0)) for name in names]
    most = max(counts)
    heights = [max(3, round(HEIGHT * count / most)) if count else 1 for count in counts]
    return [
        Bar(n * (BAR + GAP), HEIGHT - height, height, name, count)
        for n, (name, count, height) in enumerate(zip(names, counts, heights, strict=True))
    ]
