"""One attempt of a run: claim, execute, finish. What a Celery task does."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import timedelta

from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils import timezone

from common import traces
from common.crypto import Undecryptable
from scheduling.contexts.executors import executor_of, secrets_of
from scheduling.contexts.live import LiveContext
from scheduling.engine import transitions
from scheduling.engine.attendant import attendant
from scheduling.engine.claim import claim
from scheduling.engine.turns import turn
from scheduling.execution import CANCELED, Outcome, WrongConfig, failed

logger = logging.getLogger(__name__)
FINISH_FOR_SECONDS = 300.0
LOST = failed("worker_lost", "The worker was ended.")
HANDED_ON = replace(LOST, again_after=timedelta(0), postponed=True)


def attempt(trace_id: str) -> None:
    """Nothing happens when another worker has the run, it is not due, or this worker is about to end."""
    if attendant().is_leaving:
        return  # unclaimed, it is published again
    context = _claimed(trace_id)
    if context is None:
        return
    attendant().attend(context.attended)
    try:
        outcome = _execute(context)
        ended = outcome.error_code or outcome.status
        logger.info(
            "Run %s of task %s, attempt %s: %s", context.run.pk, context.task.pk, context.run.attempt, ended
        )
        if outcome is LOST:
            _lose(context)
        else:
            _finish(context, _masked(outcome, context))
    except SystemExit:  # how Celery ends a pool's process when the time of a soft shutdown is over
        _lose(context)
        raise
    finally:
        attendant().leave(context.attended)


def _claimed(trace_id: str) -> LiveContext | None:
    with turn():
        try:
            claimed = claim(trace_id, attendant().worker, timezone.now())
            return LiveContext(*claimed, secrets_of(claimed[1])) if claimed else None
        except Undecryptable as error:
            logger.error("The run %s can't begin: %s", trace_id, error)
            transitions.refuse(trace_id, attendant().worker, str(error), timezone.now())
            return None


def _execute(context: LiveContext) -> Outcome:
    run = context.run
    try:
        with turn():
            executor = executor_of(run, context.task, context)
        with traces.spanning("execute", run.trace_id, kind=run.execution_type, attempt=run.attempt):
            outcome = executor.execute(context)
    except (WrongConfig, Undecryptable) as error:
        return failed("config_error", str(error))
    except (OperationalError, InterfaceError) as error:  # no fault of the task, whose retries are its own
        logger.warning("Run %s has lost its database: %s", run.trace_id, error)
        return LOST
    except Exception as error:  # an executor's fault must end its run, not the worker
        logger.exception("Run %s failed inside the platform", run.trace_id)
        return failed("internal_error", f"{type(error).__name__}: {error}")
    if context.attended.lease_lost(time.monotonic()):
        return failed("worker_lost", "The lease could not be renewed: the database did not answer.")
    if outcome.status == "success" or not context.canceled():
        return outcome
    return _left(context, outcome) if context.released else CANCELED


def _left(context: LiveContext, outcome: Outcome) -> Outcome:
    """The worker ends: what goes on outside is only handed on, the rest is lost."""
    return replace(HANDED_ON, timeline=outcome.timeline) if context.attended.goes_on_outside else LOST


def _lose(context: LiveContext) -> None:
    with turn(), context.attended.lines.ending() as write_lines:
        context.run.refresh_from_db(fields=["lease_until"])
        transitions.lose(context.run, timezone.now(), write_lines)


def _masked(outcome: Outcome, context: LiveContext) -> Outcome:
    return replace(
        outcome,
        result=context.mask_tree(outcome.result),
        message=context.mask_tree(outcome.message),
        error=context.mask(outcome.error).replace("\x00", "\ufffd"),
        timeline=context.mask_tree(outcome.timeline),
    )


def _finish(context: LiveContext, outcome: Outcome) -> None:
    """Keeps trying while the database is away: the work is done, only its end is unwritten."""
    give_up = time.monotonic() + FINISH_FOR_SECONDS
    while True:
        try:
            with turn(), context.attended.lines.ending() as write_lines:
                context.store_kept()
                transitions.finish(context.run, outcome, timezone.now(), write_lines)
            return
        except (DatabaseError, InterfaceError):
            if time.monotonic() > give_up:
                raise
            logger.warning("Run %s has ended, the database does not answer yet", context.run.trace_id)
            time.sleep(1)
