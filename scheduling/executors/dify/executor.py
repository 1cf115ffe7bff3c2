"""One attempt of a Dify task: start or recover the run, follow it, say how it ended.

What may be done again is decided by what can have started. Nothing: the attempt comes again by itself. Perhaps: the
run is looked for in Dify, never started a second time blindly. Surely failed: the task's own retries decide.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from common.backoff import backoff_seconds
from scheduling.clients import dify
from scheduling.execution import CANCELED, Occasion, Outcome, RunContext, failed, success
from scheduling.executors.dify.config import DifyConfig, request_of
from scheduling.executors.dify.lines import closing
from scheduling.executors.dify.message import message_of
from scheduling.executors.dify.observing import Observing
from scheduling.executors.dify.outputs import sizes
from scheduling.executors.dify.places import Places
from scheduling.executors.dify.timeline import as_json
from scheduling.templates import WrongTemplate

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 50.0  # and 20 % more at most


class DifyExecutor:
    """`app` is the key of the app's places."""

    def __init__(
        self, config: DifyConfig, occasion: Occasion, client: dify.DifyClient, places: Places, app: str
    ) -> None:
        self.config, self.occasion, self.client = config, occasion, client
        self.places, self.app = places, app

    def execute(self, context: RunContext) -> Outcome:
        is_going_on = bool(context.kept[0] or context.called_at)
        with self.places.place(self.app, self.occasion.trace_id, is_going_on=is_going_on) as place:
            if place == "full":
                return _postponed(self.places.limit, context)
            if place == "unknown":
                context.line("Redis does not answer: the limit of concurrent runs is not kept")
            observing = Observing(context)
            outcome = self._attempt(observing, context)
            return replace(outcome, timeline=as_json(observing.timeline))

    def _attempt(self, observing: Observing, context: RunContext) -> Outcome:
        try:
            request = request_of(self.config, self.occasion)
        except WrongTemplate as error:
            return failed(error.error_code, f"The question or user template can't be rendered: {error}")
        try:
            return self._outcome(self._run(request, observing, context), context)
        except dify.Canceled:
            if not context.released:
                self._stop(request, context)
            return CANCELED
        except dify.TimedOut:
            self._stop(request, context)
            return failed("timeout", "The Dify run took longer than the task's time limit and was stopped.")
        except dify.NotStarted as error:
            return _again(error, context)
        except dify.Refused as error:
            return _refused(error)
        except (dify.OutcomeUnknown, dify.Unanswered) as error:
            retryable = self.config.retry_on_unknown
            return failed(
                "dify_outcome_unknown", f"Nobody knows how the run ended: {error}", retryable=retryable
            )

    def _run(self, request: dify.RunRequest, observing: Observing, context: RunContext) -> dify.RunResult:
        if context.kept[0] or context.called_at:
            context.line("Looking in Dify for the run of an earlier attempt")
            return self._recovered(request, context.called_at, context)
        self._check_inputs(request, context)
        called_at = context.calling()
        try:
            return self.client.run(request, observing, context.seconds_left, context.switch)
        except dify.OutcomeUnknown as error:
            context.line(f"The connection gave no end ({error}); looking the run up in Dify")
            return self._recovered(request, called_at, context)
        finally:
            observing.lines.finish()

    def _check_inputs(self, request: dify.RunRequest, context: RunContext) -> None:
        """Some Dify versions hang for five minutes on a missing input. Raises Misconfigured, AuthFailed, …"""
        try:
            found = dify.check_inputs(self.client.parameters(), request.inputs)
        except dify.Unanswered as error:
            context.line(f"The app's inputs could not be checked: {error}")
            return
        if found.undeclared:
            context.line(f"The app declares no input {', '.join(found.undeclared)}: Dify drops it")
        if found.missing:
            raise dify.Misconfigured(f"The app requires the input {', '.join(found.missing)}.")

    def _recovered(
        self, request: dify.RunRequest, called_at: datetime | None, context: RunContext
    ) -> dify.RunResult:
        run_id, task_id = context.kept
        ids = dify.RunIds(run_id, task_id) if run_id else self._found(request, called_at, context)
        return dify.await_run(
            self.client,
            ids,
            seconds_left=lambda: context.seconds_left,
            sleep=context.switch.wait,
            is_canceled=context.canceled,
            switch=context.switch,
        )

    def _found(
        self, request: dify.RunRequest, called_at: datetime | None, context: RunContext
    ) -> dify.RunIds:
        if request.app_type != "workflow" or called_at is None:
            raise dify.OutcomeUnknown("chat and completion apps keep no log that could be searched")
        run = dify.find_run(
            self.client,
            request.user,
            called_at,
            claimed_elsewhere=context.claimed_elsewhere,
            sleep=context.switch.wait,
            is_canceled=context.canceled,
            switch=context.switch,
        )
        context.keep(run.run_id)
        return dify.RunIds(run.run_id)

    def _stop(self, request: dify.RunRequest, context: RunContext) -> None:
        _, task_id = context.kept
        if not task_id:
            context.line("Dify has told no task id: a run may go on there")
            return
        try:
            self.client.stop(request.app_type, task_id, request.user)
            context.line("Dify was asked to stop the run")
        except dify.DifyError as error:
            context.line(f"Dify could not be asked to stop the run: {error}")

    def _outcome(self, result: dify.RunResult, context: RunContext) -> Outcome:
        context.line(closing(result))
        if result.is_success:
            context.line(f"Outputs: {sizes(result.outputs)}")
            return self._success(result)
        if result.was_stopped:
            return Outcome("canceled", error_code="canceled", error="The run was stopped in Dify.")
        if result.status == "paused":
            titles = ", ".join(result.pause.node_titles) if result.pause else ""
            return failed("dify_paused", f"The workflow waits for a person at: {titles}", retryable=False)
        return failed("dify_failed", result.error or f"Dify says: {result.status}")

    def _success(self, result: dify.RunResult) -> Outcome:
        outputs = dict(result.outputs)
        try:
            message = message_of(outputs, self.config, self.occasion)
        except WrongTemplate as error:
            return failed(error.error_code, f"The message template can't be rendered: {error}")
        return success(outputs, message=message, tokens=result.tokens or None, cost=result.cost)


def _again(error: dify.NotStarted, context: RunContext) -> Outcome:
    """Nothing can have started: another attempt by itself, whatever the task's retries say."""
    code = "dify_rate" if isinstance(error, dify.RateLimited) else "connect_error"
    return Outcome("failed", error_code=code, error=str(error), again_after=_pause(context.unstarted))


def _postponed(limit: int, context: RunContext) -> Outcome:
    error = f"Waiting: {limit} runs of this Dify app are going on, the limit (DIFY_CONCURRENT_RUNS)."
    context.line(error)
    pause = _pause(context.unstarted)
    return Outcome("failed", error_code="dify_rate", error=error, again_after=pause, postponed=True)


def _pause(unstarted: int) -> timedelta:
    seconds = backoff_seconds(
        "exponential",
        FIRST_PAUSE_SECONDS,
        unstarted + 1,
        Random(),  # noqa: S311  jitter
        LONGEST_PAUSE_SECONDS,
    )
    return timedelta(seconds=seconds)


def _refused(error: dify.Refused) -> Outcome:
    match error:
        case dify.AuthFailed():
            return failed("dify_auth", f"Dify refused the API key: {error}", retryable=False)
        case dify.AddressNotAllowed():
            hint = "The operator can allow a network with OUTBOUND_ALLOWED_NETWORKS."
            return failed("address_refused", f"{error} {hint}", retryable=False)
        case dify.Misconfigured():
            return failed("config_error", str(error), retryable=False)
    return failed("dify_failed", str(error))
