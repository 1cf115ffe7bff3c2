"""The smallest contract between the engine and the kinds of task.

An executor is made from its kind's frozen config, is given a `RunContext`, and returns an `Outcome`. It knows
no models and raises nothing that it could have said in the outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Literal, Protocol

from common.http import CancelSwitch

Stream = Literal["stdout", "log", "system"]


@dataclass(frozen=True)
class Outcome:
    """How an attempt ended.

    `result` is kept with the run, `message` is sent to the task's channels (None: nothing), `unsaid` tells them why
    there is none though there should be: no fault of a run that has succeeded. `again_after` asks
    for another attempt that counts against no retry: only for what cannot have started anything, and until the
    task's time is over. What is only `postponed` waits as long as it must, and is no attempt where nothing was tried.
    `timeline` is JSON for the run's page.
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
    """Raised where a kind's config or client is made: the run ends with `config_error`."""


CANCELED = Outcome("canceled", error_code="canceled", error="Canceled.")


@dataclass
class Spent:
    """What the calls of one attempt have cost so far; None until somebody names a count, or a price."""

    tokens: int | None = None
    cost: Decimal | None = None

    def add(self, tokens: int | None, cost: Decimal | None = None) -> None:
        if tokens is not None:
            self.tokens = (self.tokens or 0) + tokens
        if cost is not None:
            self.cost = (self.cost or Decimal(0)) + cost


class RunContext(Protocol):
    @property
    def seconds_left(self) -> float:
        """Until the attempt's deadline; may be negative."""

    @property
    def seconds_to_end(self) -> float:
        """What an executor may take beyond `seconds_left`, or after a cancel, to end what goes on outside."""

    def extend(self, seconds: float) -> None:
        """Moves the deadline: what was waited for was no time of the run's."""

    @property
    def earlier_error(self) -> str:
        """Why an earlier attempt, or a wait before this one, has come to nothing."""

    def line(self, text: str, stream: Stream = "system") -> None:
        """Adds to the run's live log; secrets are masked, the size is capped."""

    def cut(self, text: str, most: int, last: int = 0) -> str:
        """Return the first `most` characters of a longer text, and its `last` ones, with no secret cut in two.

        Whatever is cut is cut by this: it is masked afterwards, and nobody would know the half of a secret.
        """

    def draw(self, timeline: Callable[[], Any]) -> None:
        """What has run inside so far, for the run's page; asked for when it is written, not each time it changes."""

    @property
    def unstarted(self) -> int:
        """How many attempts before this one could not start anything."""

    def calling(self) -> datetime:
        """Stores that the outside is about to be asked to begin something, and returns when."""

    @property
    def called_at(self) -> datetime | None:
        """When an earlier attempt did so that was lost: what it began is to be looked for, not begun again."""

    def keep(self, external_id: str, external_task_id: str = "") -> None:
        """Stores the outside's ids at once: cancel and recovery need them."""

    @property
    def kept(self) -> tuple[str, str]:
        """The ids an earlier attempt has kept, "" where none: that run is to be recovered, not started again."""

    @property
    def switch(self) -> CancelSwitch:
        """Thrown when the run is canceled: hand it to every request."""

    def canceled(self) -> bool:
        """Asked to end, by a person, because the lease can't be renewed, or because the worker ends."""

    @property
    def released(self) -> bool:
        """The worker ends, another goes on with the run: what runs outside is to be left alone."""

    def claimed_elsewhere(self, external_ids: Collection[str]) -> set[str]:
        """Those of the ids that belong to other runs."""


def is_over(context: RunContext) -> bool:
    """Return whether nothing is worth waiting for any more."""
    return context.seconds_left <= 0 or context.canceled()


def is_over_for_messages(context: RunContext) -> bool:
    """Return whether a run that has succeeded may not even wait for its message any more.

    It may at its deadline, and while its worker ends.
    """
    is_late = context.seconds_left + context.seconds_to_end <= 0
    return is_late or (context.canceled() and not context.released)


class Executor(Protocol):
    def execute(self, context: RunContext) -> Outcome: ...


@dataclass(frozen=True)
class Occasion:
    """What an executor may put into a request: the run's own facts."""

    task_id: int
    task_name: str
    tenant_id: str | None
    trace_id: str
    timezone: str
    due_at: str | None = None
    window_start: str | None = None
    window_end: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
