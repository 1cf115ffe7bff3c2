"""What a stream has delivered so far, and whether its result is complete. No clock, no socket."""

from collections.abc import Iterator
from dataclasses import fields, replace
from decimal import Decimal

from .errors import RateLimitedError
from .event_reader import read_event, read_ids
from .events import (
    AnswerReplaced,
    ErrorTold,
    Event,
    FileSent,
    IdsSeen,
    MessageEnded,
    NodeFinished,
    NodeStarted,
    RunFinished,
    RunPaused,
    RunStarted,
    TextStreamed,
)
from .files import described, with_files
from .payload import Payload
from .refusals import is_rate_limit
from .types import RunIds, RunResult


class Progress:
    def __init__(self) -> None:
        self.ids = RunIds()
        self.has_events = False
        self.error: ErrorTold | None = None
        self.server_version = ""
        self._was_resumed = False
        self._is_workflow = False
        self._has_nodes = False
        self._answer: list[str] = []
        self._files: dict[str, dict[str, str]] = {}
        self._cost: Decimal | None = None
        self._currency = ""
        self._ended: MessageEnded | None = None
        self._finished: RunFinished | None = None
        self._paused: RunPaused | None = None

    def take(self, payload: Payload) -> Iterator[Event]:
        self.has_events = True
        ids = _merged(self.ids, read_ids(payload))
        if ids != self.ids:
            self.ids = ids
            yield IdsSeen(ids)
        event = read_event(payload)
        if isinstance(event, FileSent) and event.url:
            self._files[event.id or event.url] = described(event.url, event.kind)
        if event is not None:
            self._note(event)
            yield event

    @property
    def is_complete(self) -> bool:
        """Whether nothing that is still to come would change the result."""
        if self._paused or (self._ended and not self._is_workflow):
            return True
        if self._finished is None:
            return False
        # A chat flow sends its usage in `message_end`, before or after; where it failed, it may send none.
        is_chat = bool(self.ids.message_id)
        return not is_chat or self._ended is not None or self._finished.status == "failed"

    @property
    def is_finished(self) -> bool:
        return self._finished is not None

    def result(self) -> RunResult | None:
        """Return the result as far as the stream was read; None if no end has come. Raises RateLimitedError."""
        if self._paused:
            return self._paused_result(self._paused)
        if self.error and not self._has_nodes and _is_rate_limit(self.error):
            raise RateLimitedError(self.error.message)
        if self._finished:
            return self._finished_result(self._finished)
        if self.error:
            return RunResult("failed", self.ids, error=self.error.message, error_code=self.error.code)
        if self._ended and not self._is_workflow:
            return self._message_result(self._ended)
        return None

    def _note(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._is_workflow = True
                self._was_resumed = event.reason == "resumption"
            case NodeStarted():
                self._has_nodes = True
            case NodeFinished(cost=Decimal() as cost):
                self._cost = cost + (self._cost or 0)
                self._currency = event.currency
            case TextStreamed(is_answer=True):
                self._answer.append(event.text)
            case AnswerReplaced():
                self._answer = [event.text]
            case ErrorTold():
                self.error = event
            case MessageEnded():
                self._ended = event
            case RunFinished():
                self._is_workflow = True
                self._finished = event
            case RunPaused():
                self._paused = event
            case _:
                pass

    def _finished_result(self, finished: RunFinished) -> RunResult:
        # After an `error` Dify 1.15 finishes with another text, which does not name the cause.
        error = self.error.message if self.error else finished.error
        result = RunResult(
            status=finished.status,
            ids=self.ids,
            outputs=with_files(finished.outputs, self._files),
            error=error,
            error_code=self.error.code if self.error else "",
            tokens=finished.tokens,
            cost=self._cost,
            currency=self._currency,
            steps=finished.steps,
            exceptions=finished.exceptions,
            elapsed_seconds=finished.elapsed_seconds,
            was_resumed=self._was_resumed and self.server_version.startswith("1.16."),
        )
        return self._with_usage(result)

    def _message_result(self, ended: MessageEnded) -> RunResult:
        outputs = with_files({"answer": "".join(self._answer)}, {**self._files, **ended.files})
        return self._with_usage(RunResult("succeeded", self.ids, outputs=outputs))

    def _with_usage(self, result: RunResult) -> RunResult:
        if self._ended is None:
            return result
        return replace(
            result,
            tokens=result.tokens if self._ended.tokens is None else self._ended.tokens,
            cost=self._ended.cost if self._ended.cost is not None else result.cost,
            currency=self._ended.currency or result.currency,
        )

    def _paused_result(self, paused: RunPaused) -> RunResult:
        return RunResult(
            status="paused",
            ids=self.ids,
            outputs=paused.outputs,
            tokens=paused.tokens,
            cost=self._cost,
            currency=self._currency,
            steps=paused.steps,
            elapsed_seconds=paused.elapsed_seconds,
            pause=paused.pause,
        )


def _is_rate_limit(error: ErrorTold) -> bool:
    return is_rate_limit(error.status, error.code, error.message)


def _merged(old: RunIds, new: RunIds) -> RunIds:
    return RunIds(*(getattr(new, f.name) or getattr(old, f.name) for f in fields(RunIds)))
