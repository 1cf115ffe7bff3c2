"""One attempt of a Dify task: start or recover the run, follow it, return how it ended.

What follows depends on what can have started:
- nothing: the attempt is repeated automatically;
- perhaps something: the run is looked for in Dify, never started a second time blindly;
- a run that failed: the task's own retries decide.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from common.backoff import backoff_seconds
from common.http import CancelSwitch, Countdown
from common.json_values import MAX_DEPTH, is_deeper
from scheduling.execution import CANCELED, Occasion, Outcome, RunContext, failed, success
from scheduling.kinds.dify import client as dify
from scheduling.kinds.dify.concurrency import Places
from scheduling.kinds.dify.config import DifyConfig, request_of
from scheduling.kinds.dify.lines import closing
from scheduling.kinds.dify.message import message_of
from scheduling.kinds.dify.observing import RunObserver
from scheduling.kinds.dify.outputs import kept, sizes
from scheduling.kinds.dify.timeline import as_json
from scheduling.templates import TemplateError

STOP_SECONDS = 10.0
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 5.0, 50.0  # plus at most 20 %


class DifyExecutor:
    """`app` names the app whose places limit the concurrent runs, see `app_of`."""

    def __init__(
        self, config: DifyConfig, occasion: Occasion, client: dify.DifyClient, places: Places, app: str
    ) -> None:
        self.config, self.occasion, self.client = config, occasion, client
        self.places, self.app = places, app

    def execute(self, context: RunContext) -> Outcome:
        self.client = self.client.within(lambda: context.seconds_left, context.switch)
        waiting = _Waiting(context, self.places.limit)
        with self.places.place(
            self.app, self.occasion.trace_id, is_going_on=_may_go_on(context), wait=waiting
        ) as place:
            context.extend(waiting.seconds)
            if place == "full":
                return waiting.outcome()
            if place == "unknown":
                context.line("Redis does not answer, so the limit of concurrent runs is not enforced")
            observing = RunObserver(context)
            outcome = self._attempt(observing, context)
            return replace(outcome, timeline=as_json(observing.timeline))

    def _attempt(self, observing: RunObserver, context: RunContext) -> Outcome:
        try:
            request = request_of(self.config, self.occasion, context, is_known_there=_may_go_on(context))
        except TemplateError as error:
            why = f"The question or user template can't be rendered: {error}"
            return self._unknown(why) if _may_go_on(context) else failed(error.error_code, why)
        try:
            return self._outcome(self._run(request, observing, context), context)
        except dify.CanceledError:
            if not context.released:
                self._stop(request, context)
            return CANCELED
        except dify.TimedOutError:
            return self._timed_out(request, context)
        except dify.NotStartedError as error:
            return _again(error, context)
        except dify.RefusedError as error:
            return _refused(error)
        except (dify.OutcomeUnknownError, dify.UnansweredError) as error:
            return self._unknown(f"It is unknown how the run ended: {error}")

    def _run(self, request: dify.RunRequest, observing: RunObserver, context: RunContext) -> dify.RunResult:
        if _may_go_on(context):
            context.line("Looking in Dify for the run of an earlier attempt")
            return self._recovered(request, context.called_at, observing, context)
        self._check_inputs(request, context)
        called_at = context.calling()
        try:
            result = self.client.run(request, observing, context.seconds_left, context.switch)
            if result.never_began:
                context.keep("")  # Dify has no run of that id
            return result
        except dify.OutcomeUnknownError as error:
            context.line(f"The connection ended before the run did ({error}); looking for the run in Dify")
            return self._recovered(request, called_at, observing, context)
        finally:
            observing.lines.finish()

    def _check_inputs(self, request: dify.RunRequest, context: RunContext) -> None:
        """Refuse inputs that the app does not take: some Dify versions hang for five minutes on a missing one.

        Raises MisconfiguredError, AuthFailedError and other DifyErrors.
        """
        try:
            found = dify.check_inputs(self.client.parameters(), request.inputs)
        except dify.UnansweredError as error:
            context.line(f"The app's inputs could not be checked: {error}")
            return
        if found.undeclared:
            context.line(f"The app declares no input {', '.join(found.undeclared)}: Dify drops it")
        if found.refusal:
            raise dify.MisconfiguredError(found.refusal)

    def _recovered(
        self,
        request: dify.RunRequest,
        called_at: datetime | None,
        observing: RunObserver,
        context: RunContext,
    ) -> dify.RunResult:
        if not context.kept[0]:
            found = self._found(request, called_at, context)
            if found.detail and found.detail.is_final:
                return self._told_again(found.detail, request, observing)
        ids = dify.RunIds(*context.kept)
        result = dify.await_run(
            self.client,
            ids,
            seconds_left=lambda: context.seconds_left,
            sleep=context.switch.wait,
            is_canceled=context.canceled,
            switch=context.switch,
        )
        return self._told_again(result, request, observing)

    def _told_again(
        self, result: dify.RunResult, request: dify.RunRequest, observing: RunObserver
    ) -> dify.RunResult:
        """Return the result; for a paused run, add from its events whom it waits for, and draw its nodes.

        Run detail has neither.
        """
        if result.status != "paused":
            return result
        try:
            told = self.client.snapshot(result.ids.run_id, request.user, observing.again)
        except dify.CanceledError:
            raise
        except dify.DifyError:
            return result
        return replace(result, pause=told.pause or result.pause)

    def _found(
        self, request: dify.RunRequest, called_at: datetime | None, context: RunContext
    ) -> dify.LoggedRun:
        if request.app_type != "workflow" or called_at is None:
            raise dify.OutcomeUnknownError("chat and completion apps have no log that could be searched")
        run = dify.find_run(
            self.client,
            request.user,
            called_at,
            inputs=request.inputs,
            claimed_elsewhere=context.claimed_elsewhere,
            sleep=lambda seconds: context.switch.wait(min(seconds, max(context.seconds_left, 0))),
            is_canceled=context.canceled,
            switch=context.switch,
        )
        context.keep(run.run_id)
        return run

    def _timed_out(self, request: dify.RunRequest, context: RunContext) -> Outcome:
        """Stop the run, whose time is over, and return how it ended.

        Dify agrees to any stop: only its run detail proves that the run is over.
        """
        seconds_left = self._stop(request, context)
        final = self._final(seconds_left, context)
        if final is None:
            return self._unknown(
                "The task's time limit was over, and Dify has not confirmed that it stopped the run."
            )
        if final.was_stopped:
            return failed("timeout", "The Dify run took longer than the task's time limit and was stopped.")
        return self._outcome(final, context)

    def _final(self, seconds_left: Callable[[], float], context: RunContext) -> dify.RunResult | None:
        run_id, task_id = context.kept
        if not run_id:
            return None
        pause = CancelSwitch()  # the run's own may have been thrown
        try:
            return dify.await_run(
                self.client.within(seconds_left, pause),
                dify.RunIds(run_id, task_id),
                seconds_left=seconds_left,
                sleep=pause.wait,
                is_canceled=lambda: False,
            )
        except dify.DifyError:
            return None

    def _unknown(self, error: str) -> Outcome:
        return failed("dify_outcome_unknown", error, retryable=self.config.retry_on_unknown)

    def _stop(self, request: dify.RunRequest, context: RunContext) -> Callable[[], float]:
        """Ask Dify to stop the run. Return a function for the seconds that are left to end it.

        Half of them at most are spent waiting for Dify's answer, which may come later.
        """
        left = Countdown(context.seconds_to_end).left
        _, task_id = context.kept
        if not task_id:
            context.line("Dify did not return a task ID: the run may still be going on there")
            return left

        def ask() -> None:
            try:
                client = self.client.within(Countdown(STOP_SECONDS).left, CancelSwitch())
                client.stop(request.app_type, task_id, request.user)
                context.line("Dify was asked to stop the run")
            except dify.DifyError as error:
                context.line(f"Dify could not be asked to stop the run: {error}")

        asking = threading.Thread(target=ask, name="stop in Dify", daemon=True)
        asking.start()
        asking.join(left() / 2)
        if asking.is_alive():
            context.line("Dify has not confirmed yet that it stops the run")
        return left

    def _outcome(self, result: dify.RunResult, context: RunContext) -> Outcome:
        context.line(closing(result))
        return replace(self._ended(result, context), tokens=result.tokens, cost=result.cost)

    def _ended(self, result: dify.RunResult, context: RunContext) -> Outcome:
        if result.is_success:
            context.line(f"Outputs: {sizes(result.outputs)}")
            return self._success(result.outputs, context)
        if result.was_stopped_by_a_person:
            return Outcome("canceled", error_code="canceled", error="The run was stopped in Dify.")
        if result.was_out_of_time:
            return failed("timeout", f"Dify ended the run by a time limit of its own: {result.error}")
        if result.status == "paused":
            titles = ", ".join(result.pause.node_titles) if result.pause else ""
            return failed(
                "dify_paused", f"The workflow is waiting for a person at: {titles}", retryable=False
            )
        return failed("dify_failed", result.error or f"Dify says: {result.status}")

    def _success(self, told: Mapping[str, Any], context: RunContext) -> Outcome:
        outputs, left_out = kept(told)
        for words in left_out:
            context.line(words)
        message, unsaid = self._message(outputs, context)
        if unsaid:
            context.line(unsaid)
        return success(outputs, message=message, unsaid=unsaid)

    def _message(self, outputs: Mapping[str, Any], context: RunContext) -> tuple[Any, str]:
        """Return the message and "", or None and why there is no message. The run has succeeded either way."""
        try:
            message = message_of(outputs, self.config, self.occasion, context)
        except TemplateError as error:
            return None, f"There is no message, the message template can't be rendered: {error}"
        if is_deeper(message, MAX_DEPTH):
            return None, f"There is no message: it would be nested more than {MAX_DEPTH} levels deep."
        return message, ""


def _may_go_on(context: RunContext) -> bool:
    """Return whether an earlier attempt may have begun a run in Dify."""
    return bool(context.kept[0] or context.called_at)


def _again(error: dify.NotStartedError, context: RunContext) -> Outcome:
    """Return the outcome of an attempt that can have started nothing: it is repeated, without using up a retry."""
    code = "dify_rate" if isinstance(error, dify.RateLimitedError) else "connect_error"
    return Outcome("failed", error_code=code, error=str(error), again_after=_pause(context.unstarted))


class _Waiting:
    """The wait for one of the app's places. It is no attempt and uses no time of the run; the log has it once."""

    def __init__(self, context: RunContext, limit: int) -> None:
        self.context, self.seconds = context, 0.0
        self.words = f"Waiting: {limit} runs of this Dify app are under way, which is the limit (DIFY_CONCURRENT_RUNS)."
        self.is_said = context.earlier_error.startswith(self.words)

    def __call__(self, seconds: float) -> bool:
        self.say()
        began = time.monotonic()
        try:
            return self.context.switch.wait(seconds)
        finally:
            self.seconds += time.monotonic() - began

    def say(self) -> None:
        if not self.is_said:
            self.context.line(self.words)
            self.is_said = True

    def outcome(self) -> Outcome:
        pause = timedelta(seconds=Random().uniform(0.2, 1.0))  # noqa: S311  jitter
        return Outcome(
            "failed",
            error_code="dify_rate",
            error=self.words,
            again_after=pause,
            postponed=True,
            is_attempt=False,
        )


def _pause(unstarted: int) -> timedelta:
    seconds = backoff_seconds(
        "exponential",
        FIRST_PAUSE_SECONDS,
        unstarted + 1,
        Random(),  # noqa: S311  jitter
        MAX_PAUSE_SECONDS,
    )
    return timedelta(seconds=seconds)


def _refused(error: dify.RefusedError) -> Outcome:
    match error:
        case dify.AuthFailedError():
            return failed("dify_auth", f"Dify refused the API key: {error}", retryable=False)
        case dify.AddressNotAllowedError():
            hint = "The operator can allow a network with OUTBOUND_ALLOWED_NETWORKS."
            return failed("address_refused", f"{error} {hint}", retryable=False)
        case dify.MisconfiguredError():
            return failed("config_error", str(error), retryable=False)
    return failed("dify_failed", str(error))
