"""Dify's events as lines of the run's log."""

from __future__ import annotations

from scheduling.clients.dify import RunResult
from scheduling.clients.dify.events import (
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
from scheduling.execution import RunContext


class Lines:
    """Streamed text is joined to whole lines: a token a line can't be read."""

    def __init__(self, context: RunContext) -> None:
        self.context = context
        self.text = ""

    def tell(self, event: Event) -> None:
        if isinstance(event, TextStreamed):
            *whole, self.text = (self.text + event.text).split("\n")
            for line in whole:
                self.context.line(line, "stdout")
            return
        said = words(event)
        if said:
            self.finish()
            self.context.line(said)

    def finish(self) -> None:
        if self.text:
            self.context.line(self.text, "stdout")
            self.text = ""


def words(event: Event) -> str:
    """ "" for what is not worth a line."""
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
    spent += [f"{result.exceptions} caught exceptions"] if result.exceptions else []
    return f"■ {result.status}: {', '.join(spent)}"


def _mark(status: str) -> str:
    return "✓" if status == "succeeded" else "✗"


def _costs(event: NodeFinished) -> str:
    tokens = f", {event.tokens} tokens" if event.tokens else ""
    return f"{event.elapsed_seconds:.2f} s{tokens}"


def _because(error: str) -> str:
    return f": {error}" if error else ""
