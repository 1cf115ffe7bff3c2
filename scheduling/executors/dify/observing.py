"""What the events of a Dify run leave with our run: its ids, at once; lines; the timeline."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

from scheduling.clients.dify.events import Event, IdsSeen
from scheduling.execution import RunContext
from scheduling.executors.dify.lines import Lines
from scheduling.executors.dify.timeline import Timeline, advance, as_json


class Observing:
    def __init__(self, context: RunContext, clock: Callable[[], float] = time.monotonic) -> None:
        self.context, self.lines = context, Lines(context)
        self.timeline = Timeline()
        self.clock, self.began = clock, clock()

    def __call__(self, event: Event) -> None:
        if isinstance(event, IdsSeen):
            self._keep(event)
            return
        self.lines.tell(event)
        self._draw(advance(self.timeline, event, self.clock() - self.began))

    def _draw(self, timeline: Timeline) -> None:
        if timeline is not self.timeline:  # most events are words of an answer
            self.timeline = timeline
            self.context.draw(partial(as_json, timeline))

    def _keep(self, seen: IdsSeen) -> None:
        external_id = seen.ids.run_id or seen.ids.message_id
        if external_id != self.context.kept[0]:
            self.context.line(f"In Dify this is {external_id}")
        self.context.keep(external_id, seen.ids.task_id)
