"""What a Dify run's events leave in our run: its ids, stored at once, its log lines and its timeline."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from scheduling.execution import RunContext
from scheduling.kinds.dify.client.events import (
    ErrorTold,
    Event,
    IdsSeen,
    NodeFinished,
    NodeStarted,
    RunFinished,
    RunStarted,
)
from scheduling.kinds.dify.lines import Lines
from scheduling.kinds.dify.timeline import Timeline, advance, as_json

MAX_DRAWN = {"title": 200, "error": 500}  # characters


class RunObserver:
    def __init__(self, context: RunContext, clock: Callable[[], float] = time.monotonic) -> None:
        self.context, self.lines = context, Lines(context)
        self.timeline = Timeline()
        self.clock, self.began = clock, clock()
        self.first_at, self.is_named = 0.0, False

    def __call__(self, event: Event) -> None:
        if isinstance(event, IdsSeen):
            self.context.keep(event.ids.run_id or event.ids.message_id, event.ids.task_id)
            return
        if not isinstance(event, RunStarted | RunFinished | ErrorTold):
            self._name()
        self.lines.tell(event)
        self._draw(advance(self.timeline, self._cut(event), self.clock() - self.began))

    def again(self, event: Event) -> None:
        """Draw what another attempt has seen: the timeline alone, by Dify's own times, which are whole seconds."""
        if isinstance(event, NodeStarted):
            self.first_at = self.first_at or event.created_at
            self._draw(advance(self.timeline, self._cut(event), event.created_at - self.first_at))
        elif isinstance(event, NodeFinished):
            span = self.timeline.spans.get(event.execution_id)
            at = (span.started_at if span else 0) + event.elapsed_seconds
            self._draw(advance(self.timeline, self._cut(event), at))

    def _cut(self, event: Event) -> Event:
        """Return the event with its texts cut to what the timeline holds."""
        cut = {
            name: self.context.cut(text, max_characters)
            for name, max_characters in MAX_DRAWN.items()
            if len(text := getattr(event, name, "")) > max_characters
        }
        return replace(event, **cut) if cut else event  # type: ignore[arg-type]

    def _draw(self, timeline: Timeline) -> None:
        if timeline is not self.timeline:  # most events are words of an answer
            self.timeline = timeline
            self.context.draw(partial(as_json, timeline))

    def _name(self) -> None:
        """Log the run's id once something runs in Dify; the id of a run that Dify refuses is not kept there."""
        if not self.is_named and self.context.kept[0]:
            self.is_named = True
            self.context.line(f"In Dify this is {self.context.kept[0]}")
