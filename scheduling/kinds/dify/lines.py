"""Dify's events as lines of the run's log."""

from __future__ import annotations

from common.redact import MAX_UNCUT
from scheduling.execution import RunContext
from scheduling.kinds.dify.client import RunResult
from scheduling.kinds.dify.client.events import (
    AgentThought,
    ErrorTold,
    Event,
    NodeFinished,
    NodeRetried,
    NodeStarted,
    RunStarted,
    StepBegun,
    StepsFinished,
    StepsStarted,
    TextStreamed,
)

MAX_TEXT, MAX_LINES = 20_000, 500


class Lines:
    """Joins streamed text into whole lines, under the name of the variable that it belongs to.

    One token on each line would be unreadable. The log holds MAX_TEXT characters and MAX_LINES lines of one text; the
    outputs hold all of it.
    """

    def __init__(self, context: RunContext) -> None:
        self.context = context
        self.text = self.source = ""
        self.characters = self.lines = self.left_out = 0

    def tell(self, event: Event) -> None:
        if isinstance(event, TextStreamed):
            self._tell_text(event)
            return
        said = words(event)
        if said:
            self.finish()
            self.context.line(said)

    def _tell_text(self, event: TextStreamed) -> None:
        if event.source != self.source:
            self.finish()
            self.source = event.source
            self.characters = self.lines = 0
            self.context.line(f"▤ {event.source}")
        # The end of a line that is too long is still looked at: a secret may stand there.
        taken = event.text[: max(0, MAX_UNCUT - len(self.text))]
        self.left_out += len(event.text) - len(taken)
        *whole, self.text = (self.text + taken).split("\n")
        for line in whole:
            self._tell_line(line)

    def _tell_line(self, line: str) -> None:
        room = MAX_TEXT - self.characters if self.lines < MAX_LINES else 0
        if room > 0:
            self.context.line(self.context.cut(line, room), "stdout")
        self.left_out += max(0, len(line) + 1 - room)
        self.characters, self.lines = self.characters + len(line) + 1, self.lines + 1

    def finish(self) -> None:
        if self.text:
            self._tell_line(self.text)
            self.text = ""
        if self.left_out:
            self.context.line(f"… {self.left_out:,} characters more, which the outputs have")
            self.left_out = 0


def words(event: Event) -> str:
    """Return the event's line; "" for an event that is not worth one."""
    match event:
        case RunStarted():
            return "▶ workflow started"
        case NodeStarted():
            return f"→ {event.title} ({event.kind})"
        case NodeFinished():
            return (
                f"{_mark(event.status)} {event.title}: {event.status}, {_costs(event)}{_because(event.error)}"
            )
        case NodeRetried():
            return f"↻ {event.title}: retry {event.retry_index}{_because(event.error)}"
        case StepsStarted():
            return f"→ {event.title} ({event.kind})"
        case StepBegun():
            return f"  {event.title}: step {event.index + 1}"
        case StepsFinished():
            spent = f"{event.elapsed_seconds:.2f} s"
            return f"{_mark(event.status)} {event.title}: {event.status}, {spent}{_because(event.error)}"
        case AgentThought():
            return f"… {event.thought or event.tool}"
        case ErrorTold():
            return f"✗ {event.code}: {event.message}"
    return ""


def closing(result: RunResult) -> str:
    spent = [f"{result.steps} steps", f"{result.elapsed_seconds:.2f} s"]
    spent += [f"{result.tokens} tokens"] if result.tokens is not None else []
    if result.exceptions and result.is_success:
        spent += [
            "1 caught exception" if result.exceptions == 1 else f"{result.exceptions} caught exceptions"
        ]
    return f"■ {result.status}: {', '.join(spent)}"


def _mark(status: str) -> str:
    return "✓" if status == "succeeded" else "✗"


def _costs(event: NodeFinished) -> str:
    tokens = f", {event.tokens} tokens" if event.tokens else ""
    return f"{event.elapsed_seconds:.2f} s{tokens}"


def _because(error: str) -> str:
    return f": {error}" if error else ""
