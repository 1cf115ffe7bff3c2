"""The contract between the engine and the kinds of task, as small as it can be.

An executor is made from its kind's frozen config, is given a `RunContext`, and returns an `Outcome`. It knows no models
and raises nothing that it could report in the outcome.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol

from common.http import CancelSwitch

if TYPE_CHECKING:
    from scheduling.models import Run, ScheduledTask

Stream = Literal["stdout", "log", "system"]


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended.

    `result` is kept with the run. `message` is sent to the task's channels (None: nothing). `unsaid` is sent to them
    where there should be a message and is none, and says why; the run has succeeded all the same.

    `again_after` asks for another attempt that counts against no retry: only for what cannot have started anything, and
    until the task's time is over. What is only `postponed` waits as long as it must. `is_attempt` is False where
    nothing was tried. `timeline` is JSON for the run's page.
    """

    status: Literal["success", "failed", "canceled"]
    result: Any = None
    message: Any = None
    unsaid: str = ""
    error_code: str = ""
    error: str = ""
    retryable: bool = True
    again_after: timedelta | None = None
    postponed: bool = False
    is_attempt: bool = True
    tokens: int | None = None
    cost: Decimal | None = None
    timeline: Any = None


def success(result: Any = None, *, message: Any = None, unsaid: str = "") -> Outcome:
    return Outcome("success", result, message, unsaid)


def failed(error_code: str, error: str, *, retryable: bool = True) -> Outcome:
    return Outcome("failed", error_code=error_code, error=error, retryable=retryable)


class ConfigError(Exception):
    """A kind's config or client can't be made: the run ends with `config_error`."""


CANCELED = Outcome("canceled", error_code="canceled", error="Canceled.")


@dataclass
class Spent:
    """What the calls of one attempt have cost so far; None until a count or a price is reported. Thread-safe."""

    tokens: int | None = None
    cost: Decimal | None = None
    _adding: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def add(self, tokens: int | None, cost: Decimal | None = None) -> None:
        with self._adding:
            if tokens is not None:
                self.tokens = (self.tokens or 0) + tokens
            if cost is not None:
                self.cost = (self.cost or Decimal(0)) + cost


class RunContext(Protocol):
    @property
    def seconds_left(self) -> float:
        """Seconds until the attempt's deadline; may be negative."""

    @property
    def seconds_to_end(self) -> float:
        """Seconds that an executor may take beyond `seconds_left`, or after a cancel, to end what goes on outside."""

    def extend(self, seconds: float) -> None:
        """Move the deadline by a time that was spent waiting, and does not count as the run's."""

    @property
    def earlier_error(self) -> str:
        """Why an earlier attempt, or a wait before this one, came to nothing."""

    def line(self, text: str, stream: Stream = "system") -> None:
        """Add a line to the run's live log; secrets are masked, the size is capped."""

    def cut(self, text: str, max_characters: int, last: int = 0) -> str:
        """Return the first `max_characters` of a longer text, and its `last` ones, with no secret cut in two.

        Use this for everything that is cut: the text is masked afterwards, and half a secret would not be recognized.
        """

    def draw(self, timeline: Callable[[], Any]) -> None:
        """Set the function that returns what has run inside so far, for the run's page.

        It is called when the timeline is written, not each time it changes.
        """

    @property
    def unstarted(self) -> int:
        """How many attempts before this one could not start anything."""

    def calling(self) -> datetime:
        """Store that the outside is about to be asked to begin something, and return when."""

    @property
    def called_at(self) -> datetime | None:
        """When an earlier attempt that was lost asked the outside, None where none did.

        What it began is to be looked for, not begun again.
        """

    def keep(self, external_id: str, external_task_id: str = "") -> None:
        """Store the outside's ids at once: cancel and recovery need them."""

    @property
    def kept(self) -> tuple[str, str]:
        """The ids that an earlier attempt has kept, "" where there are none.

        The run that they name is to be recovered, not started again.
        """

    @property
    def switch(self) -> CancelSwitch:
        """The switch that is thrown when the run is canceled: hand it to every request."""

    def canceled(self) -> bool:
        """Return whether the run is asked to end.

        A person has asked for it, the lease can't be renewed, or the worker ends.
        """

    @property
    def released(self) -> bool:
        """Whether the worker ends and another goes on with the run: what runs outside is to be left alone."""

    def claimed_elsewhere(self, external_ids: Collection[str]) -> set[str]:
        """Return those of the ids that belong to other runs."""


def is_over(context: RunContext) -> bool:
    """Return whether nothing is worth waiting for any more."""
    return context.seconds_left <= 0 or context.canceled()


def is_over_for_messages(context: RunContext) -> bool:
    """Return whether a run that has succeeded may no longer even wait for its message.

    It may still wait past its deadline, for `seconds_to_end`, and while its worker ends.
    """
    is_late = context.seconds_left + context.seconds_to_end <= 0
    return is_late or (context.canceled() and not context.released)


class Executor(Protocol):
    def execute(self, context: RunContext) -> Outcome: ...


@dataclass(frozen=True)
class Occasion:
    """The facts about a run that an executor may put into a request."""

    task_id: int
    task_name: str
    tenant_id: str | None
    trace_id: str
    timezone: str
    due_at: str | None = None
    window_start: str | None = None
    window_end: str | None = None
    params: dict[str, Any] = field(default_factory=dict)


def occasion_of(run: Run, task: ScheduledTask) -> Occasion:
    return Occasion(
        task_id=task.pk,
        task_name=task.task_name,
        tenant_id=task.tenant_id,
        trace_id=run.trace_id,
        timezone=task.timezone,
        due_at=_iso(run.due_at),
        window_start=_iso(run.window_start),
        window_end=_iso(run.window_end),
        params=run.params,
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
