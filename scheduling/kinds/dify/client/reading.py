"""The reader of a run's stream, which ends with the stream or when nothing has come for too long."""

from collections.abc import Callable
from dataclasses import dataclass

from common.http import (
    ConnectionLostError,
    DeadlineExceededError,
    ReadTimeoutError,
    ResponseTooLargeError,
    Stream,
)

from .errors import OutcomeUnknownError, TimedOutError
from .events import Event, IdsSeen
from .payload import Payload, parse
from .progress import Progress
from .results import read_blocking
from .sse import Frame, FrameParser, FrameTooLargeError
from .types import RunResult

Observer = Callable[[Event], None]
Clock = Callable[[], float]


@dataclass(frozen=True)
class Patience:
    """How many seconds the client waits.

    `first_event_seconds` is longer than the 300 s after which Dify itself ends a stream without events.
    `idle_seconds` is for the time between events; Dify pings every 10 s. `closing_seconds` is for the
    `workflow_finished` after an `error` event, which only newer versions send. `ask_seconds` is for all other requests.
    """

    first_event_seconds: float = 310
    idle_seconds: float = 45
    closing_seconds: float = 3
    ask_seconds: float = 30


class RunReader:
    def __init__(self, patience: Patience, observe: Observer, clock: Clock) -> None:
        self.progress = Progress()
        self._patience = patience
        self._observe = observe
        self._clock = clock
        self._first_event_by = clock() + patience.first_event_seconds
        self._close_by: float | None = None

    def read(self, stream: Stream) -> RunResult:
        """Read the stream to its end and return the result.

        Raises OutcomeUnknownError, TimedOutError, RateLimitedError, and http's CanceledError.
        """
        self.progress.server_version = stream.headers.get("X-Version", "")
        try:
            reason = self._read(stream)
        except (ReadTimeoutError, ConnectionLostError, ResponseTooLargeError, FrameTooLargeError) as error:
            reason = str(error)
        except DeadlineExceededError as error:
            if not self.progress.result():
                raise TimedOutError("the task's time limit is over") from error
        result = self.progress.result()
        if result is None or not result.is_final:
            raise OutcomeUnknownError(f"the stream ended before the run: {reason}")
        return result

    def read_blocking(self, body: Payload) -> RunResult:
        """Return the result of a blocking call. Raises OutcomeUnknownError and UnansweredError."""
        result = read_blocking(body)
        self._observe(IdsSeen(result.ids))
        if not result.is_final:
            raise OutcomeUnknownError(f"Dify answered before the run's end: {result.status}")
        return result

    def _read(self, stream: Stream) -> str:
        parser = FrameParser()
        stream.read_seconds = self._patience_left()
        for piece in stream.iter_bytes():
            for frame in parser.feed(piece):
                self._take(frame)
                if self.progress.is_complete:
                    return "complete"
            stream.read_seconds = self._patience_left()
            if stream.read_seconds <= 0:
                return "the stream contained nothing but pings"
        return "it ended"

    def _take(self, frame: Frame) -> None:
        payload = parse(frame.data) if frame.data else None
        if payload is None:
            return
        for event in self.progress.take(payload):
            self._observe(event)

    def _patience_left(self) -> float:
        now = self._clock()
        if self.progress.error or self.progress.is_finished:
            if self._close_by is None:
                self._close_by = now + self._closing_seconds()
            return self._close_by - now
        if not self.progress.has_events:
            return self._first_event_by - now
        return self._patience.idle_seconds

    def _closing_seconds(self) -> float:
        return self._patience.closing_seconds if self.progress.error else self._patience.idle_seconds
