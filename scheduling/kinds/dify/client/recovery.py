"""Recovery: after a lost connection the run goes on in Dify. Find it, and wait for its end."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from common.http import CancelSwitch

from .app import DifyClient
from .errors import (
    CanceledError,
    DifyError,
    OutcomeUnknownError,
    RefusedError,
    RunNotFoundError,
    TimedOutError,
    WrongBaseUrlError,
)
from .types import LoggedRun, RunIds, RunResult

FIRST_POLL_SECONDS = 2.0
MAX_POLL_SECONDS = 15.0
POLL_GROWTH = 1.5
# A run's row is written when it starts, which may be a moment after its id went out.
NOT_FOUND_POLLS = 6

CLOCK_MARGIN = timedelta(seconds=60)
MAX_CANDIDATES = 20
SEARCH_PAUSES = (0.0, 2.0, 5.0)

Sleep = Callable[[float], object]
ClaimedElsewhere = Callable[[Sequence[str]], Collection[str]]


def await_run(
    client: DifyClient,
    ids: RunIds,
    *,
    seconds_left: Callable[[], float],
    sleep: Sleep,
    is_canceled: Callable[[], bool],
    switch: CancelSwitch | None = None,
) -> RunResult:
    """Ask for the run until it is final, and at least once.

    A cancel takes effect at once where `sleep` is the `switch`'s own `wait`, else after the pause. A server that is
    down or restarting is asked again: the run may survive that too.
    Raises OutcomeUnknownError, TimedOutError and CanceledError.
    """
    missed = 0
    for polls, pause in enumerate(_poll_pauses()):
        if is_canceled():
            raise CanceledError("canceled")
        if polls and seconds_left() <= 0:
            raise TimedOutError("the task's time limit is over")
        try:
            result = _detail(client, ids, switch)
        except RunNotFoundError as error:
            missed += 1
            if missed >= NOT_FOUND_POLLS:
                raise OutcomeUnknownError("Dify does not know the run") from error
        else:
            if result and result.is_final:
                return replace(result, ids=replace(ids, run_id=result.ids.run_id))
            missed = 0 if result else missed
        sleep(min(pause, max(seconds_left(), 0)))
    raise AssertionError("the pauses do not end")


def _detail(client: DifyClient, ids: RunIds, switch: CancelSwitch | None) -> RunResult | None:
    """Return the run's detail; None where there was no usable answer, and the caller asks again.

    Raises RunNotFoundError, OutcomeUnknownError and CanceledError.
    """
    try:
        return client.run_detail(ids.run_id, switch)
    except (CanceledError, RunNotFoundError):
        raise
    except WrongBaseUrlError:  # a proxy's page while the server behind it restarts
        return None
    except RefusedError as error:
        raise OutcomeUnknownError(f"Dify no longer answers questions about the run: {error}") from error
    except DifyError:
        return None


def find_run(
    client: DifyClient,
    user: str,
    called_at: datetime,
    *,
    inputs: Mapping[str, Any] | None = None,
    claimed_elsewhere: ClaimedElsewhere,
    sleep: Sleep,
    is_canceled: Callable[[], bool],
    switch: CancelSwitch | None = None,
) -> LoggedRun:
    """Return the one run in Dify that our call can have started.

    `claimed_elsewhere` returns which of the ids belong to other runs of the platform. Among several at about the same
    time the `inputs` identify ours; a run with other inputs, such as another window, is not ours even if it is the
    only one. Raises OutcomeUnknownError when no run fits or more than one does, and CanceledError.
    """
    reason = "Dify shows no run of this call"
    for pause in SEARCH_PAUSES:
        sleep(pause)
        if is_canceled():
            raise CanceledError("canceled")
        try:
            found = client.logs(user, called_at - CLOCK_MARGIN, switch)
        except CanceledError:
            raise
        except DifyError as error:
            reason = f"Dify's logs could not be read: {error}"
            continue
        taken = claimed_elsewhere([run.run_id for run in found])
        candidates = [run for run in found if run.run_id not in taken]
        if inputs:
            candidates = _begun_with(inputs, client, candidates, switch)
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise OutcomeUnknownError(f"{len(candidates)} runs in Dify could be this one")
    raise OutcomeUnknownError(reason)


def _begun_with(
    inputs: Mapping[str, Any], client: DifyClient, runs: Sequence[LoggedRun], switch: CancelSwitch | None
) -> list[LoggedRun]:
    """Return the runs that may have been given these inputs, leaving out those that Dify shows with others."""
    seen = []
    for run in runs[:MAX_CANDIDATES]:
        try:
            detail = client.run_detail(run.run_id, switch)
        except CanceledError:
            raise
        except DifyError:
            seen.append(run)
        else:
            seen += [replace(run, detail=detail)] if _agree(inputs, detail.inputs) else []
    return seen


def _agree(ours: Mapping[str, Any], told: Mapping[str, Any]) -> bool:
    """Return whether the texts in both are equal.

    Only texts are compared: Dify drops inputs that the app does not declare, and rewrites numbers and files.
    """
    both = [
        name for name, value in ours.items() if isinstance(value, str) and isinstance(told.get(name), str)
    ]
    return all(ours[name] == told[name] for name in both)


def _poll_pauses() -> Iterator[float]:
    pause = FIRST_POLL_SECONDS
    while True:
        yield pause
        pause = min(pause * POLL_GROWTH, MAX_POLL_SECONDS)
