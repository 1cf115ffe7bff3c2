"""One attempt of a run: claim, execute, finish. This is what the Celery task does."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta

from django.db import InterfaceError, OperationalError
from django.utils import timezone

from common import traces
from common.crypto import UndecryptableError
from common.database_errors import for_seconds, repeated_if_deadlocked, repeated_while_away
from common.framework.db_connections import lent_connection
from scheduling.execution import CANCELED, ConfigError, Outcome, failed
from scheduling.lifecycle import retries, transitions
from scheduling.lifecycle.run_logs import LineBuffer, WriteLines
from scheduling.lifecycle.window_cursor import NoWindowError
from scheduling.models import IncompleteTaskError, Run, ScheduledTask
from scheduling.worker.claim import begin, claim
from scheduling.worker.executors import executor_of, secrets_of
from scheduling.worker.run_context import LiveContext
from scheduling.worker.run_keeper import keeper

logger = logging.getLogger(__name__)
FINISH_FOR_SECONDS = 300.0
LEASE_LOST = failed("worker_lost", "The worker was stopped.")
HANDED_ON = replace(LEASE_LOST, again_after=timedelta(0), postponed=True)


def attempt(trace_id: str) -> None:
    """Claim the run and carry out one attempt.

    Nothing happens when another worker has the run, it is not due, or this worker is about to end.
    """
    if keeper().is_leaving:
        with lent_connection():
            transitions.put_back(trace_id)
        return
    try:
        with lent_connection():
            claimed_at = time.monotonic()  # must not be later than the `now` that its lease is counted from
            claimed = repeated_if_deadlocked(lambda: claim(trace_id, keeper().worker, timezone.now()))
    except UndecryptableError as error:
        _refuse(trace_id, error)
    else:
        if claimed is not None:
            _carry_out(*claimed, claimed_at)


def _carry_out(run: Run, task: ScheduledTask, claimed_at: float) -> None:
    """Run the attempt from the claim to its end. An exception in between ends the run here, and at once."""
    lines = LineBuffer(run.pk, str)
    with ExitStack() as until_ended:
        try:
            if (context := _begin(run, task, lines)) is None:
                return
            context.kept_run.renewed = claimed_at
            lines = context.kept_run.lines
            keeper().keep(context.kept_run)
            until_ended.callback(keeper().leave, context.kept_run)
            _run(context)
        except SystemExit:  # how Celery ends a pool's process when the time of a soft shutdown is over
            _lose(run, lines)
            raise
        except UndecryptableError as error:  # also from the task's own columns, which the end reads
            _refuse(run.trace_id, error)
        except (OperationalError, InterfaceError) as error:  # not the task's fault: lost, not failed
            logger.warning("Run %s has lost its database: %s", run.trace_id, error)
            _lose(run, lines)
        except Exception as error:  # unforeseen: another attempt would meet it again
            logger.exception("Run %s failed inside the platform", run.trace_id)
            _give_up(run, error, lines)


def _begin(run: Run, task: ScheduledTask, lines: LineBuffer) -> LiveContext | None:
    """Begin the claimed run; None if it can't begin, and has been ended with the reason."""
    try:
        with lent_connection():
            begin(run, task, timezone.now())
            context = LiveContext(run, task, secrets_of(task))
    except NoWindowError as error:  # the run before has moved the cursor up to this second
        _end(run, replace(CANCELED, error=str(error)), lines)
        return None
    except UndecryptableError as error:  # a secret of the tenant's
        _end(run, failed("config_error", str(error)), lines)
        return None
    if (
        run.attempt > 1 and transitions.ATTEMPT_BEFORE not in run.error
    ):  # else the run has waited, and its log has this line already
        max_attempts = retries.max_attempts(run, task)
        context.line(
            f"Attempt {run.attempt} of {max_attempts}; the one before: {run.error_code}: {run.error}"
        )
    return context


def _run(context: LiveContext) -> None:
    outcome = _execute(context)
    ended = outcome.error_code or outcome.status
    logger.info(
        "Run %s of task %s, attempt %s: %s", context.run.pk, context.task.pk, context.run.attempt, ended
    )
    if outcome is LEASE_LOST:
        _lose(context.run, context.kept_run.lines)
    else:
        _finish(context, _mask(outcome, context))


def _execute(context: LiveContext) -> Outcome:
    run = context.run
    try:
        with lent_connection():
            executor = executor_of(run, context.task, context)
        with traces.spanning("execute", run.trace_id, kind=run.execution_type, attempt=run.attempt):
            outcome = executor.execute(context)
    except (ConfigError, UndecryptableError, IncompleteTaskError) as error:
        return failed("config_error", str(error))
    if context.kept_run.lease_lost(time.monotonic()):
        return failed("worker_lost", "The lease could not be renewed, because the database did not answer.")
    if outcome.status == "success" or not context.canceled() or (context.released and not outcome.is_attempt):
        return outcome
    return _outcome_when_leaving(context, outcome) if context.released else CANCELED


def _outcome_when_leaving(context: LiveContext, outcome: Outcome) -> Outcome:
    """Return the outcome where the worker ends: a run that goes on outside is handed on, any other is lost."""
    return replace(HANDED_ON, timeline=outcome.timeline) if context.kept_run.goes_on_outside else LEASE_LOST


def _lose(run: Run, lines: LineBuffer) -> None:
    with lent_connection(), lines.ending() as write_lines:
        run.refresh_from_db(fields=["lease_until"])
        transitions.lose(run, timezone.now(), write_lines)


def _mask(outcome: Outcome, context: LiveContext) -> Outcome:
    return replace(
        outcome,
        result=context.mask_tree(outcome.result),
        message=context.mask_message(outcome.message),
        unsaid=context.mask_error(outcome.unsaid),
        error=context.mask_error(outcome.error),
        timeline=context.mask_tree(outcome.timeline),
    )


def _finish(context: LiveContext, outcome: Outcome) -> None:
    def write(write_lines: WriteLines) -> None:
        context.store_kept()
        transitions.finish(context.run, outcome, timezone.now(), write_lines)

    _write_with_lines(context.kept_run.lines, write)


def _end(run: Run, outcome: Outcome, lines: LineBuffer) -> None:
    _write_with_lines(lines, lambda write: transitions.finish(run, outcome, timezone.now(), write))


def _refuse(trace_id: str, error: UndecryptableError) -> None:
    """End the run, whose task's columns can't be decrypted, so that nothing of the task can be settled."""
    logger.error("The run %s can't begin: %s", trace_id, error)
    with lent_connection():
        transitions.refuse(trace_id, keeper().worker, str(error), timezone.now())


def _give_up(run: Run, error: Exception, lines: LineBuffer) -> None:
    """Fail the run after an unforeseen error, with a text that can't fail as the attempt did: only the error's type."""
    why = f"{type(error).__name__}: the worker's log says more, under the trace id {run.trace_id}."
    outcome = failed("internal_error", why)
    _write_with_lines(lines, lambda write: transitions.give_up(run, outcome, timezone.now(), write))


def _write_with_lines(lines: LineBuffer, write: Callable[[WriteLines], object]) -> None:
    """Write the end, waiting for a database that is away: the work is done, only its end is unwritten."""

    def once() -> None:
        with lent_connection(), lines.ending() as write_lines:
            write(write_lines)

    repeated_while_away(once, for_seconds(FINISH_FOR_SECONDS))
