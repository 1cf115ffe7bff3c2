"""The rules of misfire and overlap, read second by second: nothing here knows how the product reckons.

Times are seconds. Whatever may run does so at the look that has found it free to run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

TICK = 1.0  # of a beat's look: by so much no due time is called late


@dataclass(frozen=True)
class Look:
    """Of a beat at the due times: some beats die before they have judged what they have written, or sent it."""

    at: float
    judges: bool = True
    sends: bool = True


@dataclass(frozen=True)
class Case:
    """A run takes `lasts`, its first attempt fails where there is a `retry_after`."""

    misfire: str
    grace: int
    overlap: str
    lasts: float
    retry_after: int | None = None


@dataclass
class One:
    due: int
    status: str = "to come"  # → queued → running → success; missed, skipped, canceled
    free_at: float = 0.0  # when another attempt may begin
    ends_at: float = 0.0
    attempts: int = 0
    is_told_to_end: bool = False
    starts: list[float] = field(default_factory=list)

    @property
    def is_unfinished(self) -> bool:
        return self.status in ("queued", "running")


def told(case: Case, dues: Iterable[int], looks: Sequence[Look]) -> list[tuple[int, str, list[float]]]:
    """Of each due time that has been reached: what became of it, and when its attempts began."""
    ones = [One(due) for due in dues]
    for look in looks:
        for one in ones:
            _end(case, one, look.at)
        if look.judges:
            _reach(case, ones, look.at)
            if look.sends:
                for one in _beginning(case, ones, look.at):
                    _begin(case, one, look.at)
    return [(one.due, one.status, one.starts) for one in ones if one.status != "to come"]


def _end(case: Case, one: One, now: float) -> None:
    if one.status != "running":
        return
    if one.is_told_to_end:
        one.status = "canceled"
    elif one.ends_at <= now:
        fails = case.retry_after is not None and one.attempts == 1
        one.status = "queued" if fails else "success"
        one.free_at = one.ends_at + (case.retry_after or 0)


def _reach(case: Case, ones: list[One], now: float) -> None:
    together = [one for one in ones if one.status == "to come" and one.due <= now]
    earlier = [one for one in ones if one.is_unfinished]
    late = [one for one in together if now - one.due > case.grace + TICK]
    for one in together:
        one.status = "queued"
    for one in late:
        if case.misfire == "skip" or (case.misfire == "fire_once" and one is not late[-1]):
            one.status = "missed"
    line = [one for one in together if one.status == "queued"]
    if not earlier or not line:
        return
    if case.overlap == "replace":
        for one in earlier:
            one.is_told_to_end = True
            if one.status == "queued":
                one.status = "canceled"
    allowed = {"skip": 0, "queue": 1 if len(earlier) == 1 else 0}.get(case.overlap, len(line))
    for one in line[allowed:]:
        one.status = "skipped"


def _beginning(case: Case, ones: list[One], now: float) -> Iterator[One]:
    """In order; unless they may run side by side, one at a time, and none before an earlier one has ended."""
    for one in ones:
        if case.overlap != "allow" and one.status == "running":
            return
    for one in ones:
        if one.status == "queued" and one.free_at <= now:
            yield one
        if one.is_unfinished and case.overlap != "allow":
            return


def _begin(case: Case, one: One, now: float) -> None:
    one.status = "running"
    one.attempts += 1
    one.starts.append(now)
    one.ends_at = now + case.lasts
