"""Timelines as bars, and the one of the nodes in a Dify run: what ran when, what took long, what failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

# Dify's kinds of node -> icon; any other kind gets a dot.
ICONS = {
    "start": "play_circle",
    "end": "stop_circle",
    "answer": "chat",
    "llm": "psychology",
    "agent": "smart_toy",
    "code": "code",
    "tool": "build",
    "http-request": "http",
    "if-else": "alt_route",
    "iteration": "repeat",
    "loop": "repeat",
    "knowledge-retrieval": "menu_book",
    "question-classifier": "category",
    "parameter-extractor": "data_object",
    "template-transform": "text_snippet",
    "document-extractor": "description",
}
MIN_WIDTH = 0.4  # percent: a node of a few milliseconds can still be seen


@dataclass(frozen=True)
class Bar:
    """One execution of a node. `left` and `width` are percent of the whole.

    `seconds` is None where no end was seen, or has not come yet.
    """

    title: str
    icon: str
    status: str
    left: float
    width: float
    seconds: float | None
    tokens: int | None = None
    retries: int = 0
    error: str = ""
    is_inside: bool = False
    step: int | None = None


@dataclass(frozen=True)
class TimelinePicture:
    bars: list[Bar]
    seconds: float
    left_out: int
    goes_on: bool = False

    @property
    def has_tokens(self) -> bool:
        return any(bar.tokens is not None for bar in self.bars)


def bar_at(began: float, ended: float, whole: float, **shown: Any) -> Bar:
    """Return a bar from `began` to `ended` on an axis of `whole` seconds."""
    left = min(100 * began / whole, 100 - MIN_WIDTH)
    return Bar(left=left, width=max(100 * (ended - began) / whole, MIN_WIDTH), **shown)


def draw(timeline: Mapping[str, Any] | None, so_far: float | None = None) -> TimelinePicture | None:
    """Draw `Run.timeline`; what ran inside an iteration or a loop stands below it. None where there are no nodes.

    `so_far` is how many seconds a run that goes on has taken: a node without an end reaches to now.
    """
    if not timeline or not timeline["spans"]:
        return None
    spans = _in_order(timeline["spans"])
    seen = max(max(span["started_at"], span["finished_at"] or 0) for span in spans)
    total = max(seen, so_far or 0) or 0.001
    return TimelinePicture(
        [_bar(span, total) for span in spans], total, timeline["left_out"], so_far is not None
    )


def _in_order(spans: list[dict[str, Any]]) -> list[dict[str, Any]]:
    inner: dict[str, list[dict[str, Any]]] = {}
    for inside, group in groupby(spans, key=lambda span: span["inside"]):
        inner.setdefault(inside, []).extend(group)
    ordered = []
    for span in inner.pop("", []):
        ordered += [span, *inner.pop(span["node_id"], [])]
    return ordered + [span for rest in inner.values() for span in rest]


def _bar(span: Mapping[str, Any], total: float) -> Bar:
    ended_at = span["finished_at"]
    return bar_at(
        span["started_at"],
        total if ended_at is None else ended_at,
        total,
        title=span["title"] or span["node_id"],
        icon=ICONS.get(span["kind"], "radio_button_unchecked"),
        status=span["status"],
        seconds=None if ended_at is None else ended_at - span["started_at"],
        tokens=span["tokens"],
        retries=span["retries"],
        error=span["error"],
        is_inside=bool(span["inside"]),
        step=span["step"],
    )
