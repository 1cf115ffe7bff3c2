"""A test run of a script: the executor and sandbox of a real run, but no row, nothing sent and no variable set."""

from __future__ import annotations

import json
import logging
import threading
import time
from typing import Any

import redis
from django.db import connection
from django.utils import timezone

from common.http import CancelSwitch
from sandbox.host import uv
from sandbox.host.output import without_terminal_codes
from scheduling.execution import Outcome, Stream
from scheduling.grants.recorder import Recorder
from scheduling.grants.vars import VarsCopy
from scheduling.kinds.script.kind import SCRIPT
from scheduling.lifecycle import trials
from scheduling.lifecycle.run_logs import Allowance
from scheduling.lifecycle.trials import TrialLine, TrialOutcome, TrialRequest, UnsentMessage
from scheduling.models import Run, ScheduledTask
from scheduling.worker import script_executor
from scheduling.worker.run_secrets import RunSecrets
from scheduling.worker.script_executor import Grants, reachable_channels
from scheduling.worker.unrecorded_run import UnrecordedRun
from tenants.secrets import known_values

logger = logging.getLogger(__name__)
NO_TASK = 0  # ids begin with 1, so no variable is stored for it
GRACE_SECONDS = 20  # beyond its time limit, as the sandbox may have to start
INSTALLING_SECONDS = 2 * uv.MAX_SECONDS  # to lock and to install
FLUSH_LINES = 50
UNSENT_CHARACTERS = 4 << 20  # of all recorded messages as JSON, which are kept in Redis


class TrialContext(RunSecrets, UnrecordedRun):
    def __init__(self, trial_id: str, trial_request: TrialRequest) -> None:
        RunSecrets.__init__(self, known_values(trial_request.tenant_id))
        UnrecordedRun.__init__(self)
        self.trial_id = trial_id
        self.switch = CancelSwitch()
        self.ends_at = time.monotonic() + trial_request.timeout_seconds
        self.unsent: list[UnsentMessage] = []
        self._allowance, self._unsent_room = Allowance(), UNSENT_CHARACTERS
        self._waiting: list[TrialLine] = []
        self._seq = 0
        self._lock = threading.Lock()

    @property
    def seconds_left(self) -> float:
        return self.ends_at - time.monotonic()

    def extend(self, seconds: float) -> None:
        self.ends_at += seconds

    def line(self, text: str, stream: Stream = "system") -> None:
        with self._lock:
            if admitted := self._allowance.admit(self._shown(text, stream), stream):
                self._seq += 1
                text, stream = admitted
                self._waiting.append(TrialLine(self._seq, timezone.now().isoformat(), stream, text))
            is_full = len(self._waiting) >= FLUSH_LINES
        if is_full:
            self.flush()

    def _shown(self, text: str, stream: Stream) -> str:
        return self.mask(without_terminal_codes(self.cut_line(text, stream)))

    def flush(self) -> None:
        with self._lock:
            if self._waiting:
                trials.add_lines(self.trial_id, self._waiting)
                self._waiting = []

    def canceled(self) -> bool:
        """Return whether the test was canceled. Called twice a second, it also flushes the lines, so they are live."""
        self.flush()
        if trials.is_canceled(self.trial_id):
            self.switch.cancel()
        return self.switch.is_canceled

    def would_send(self, origin: str, message: Any, channel_type: str = "") -> None:
        self._unsent_room -= len(json.dumps(message))
        if self._unsent_room < 0:
            self.line(f"{origin}: not recorded, a test run shows the first 4 MiB of messages")
            return
        self.line(f"{origin}: recorded, a test run sends nothing")
        self.unsent.append(UnsentMessage(origin, self.mask_tree(message), channel_type))


def attempt(trial_id: str) -> None:
    """Carry out the test run; do nothing when nobody waits for it any more."""
    trial_request = trials.take(trial_id)
    if trial_request is None:
        return
    try:
        answer = _run_trial(trial_request, trial_id)
    except redis.RedisError:  # the answer could not be stored
        raise
    except Exception as error:  # any error must end the test, not the worker
        logger.exception("The test run %s failed inside the platform", trial_id)
        answer = TrialOutcome("failed", error=type(error).__name__, error_code="internal_error")
    trials.end(trial_id, answer)


def _run_trial(trial_request: TrialRequest, trial_id: str) -> TrialOutcome:
    started = time.monotonic()
    context = TrialContext(trial_id, trial_request)
    installing = INSTALLING_SECONDS if trial_request.has_deps else 0
    trials.stay_alive(trial_id, installing + trial_request.timeout_seconds + GRACE_SECONDS)
    outcome = _execute(trial_request, context)
    context.flush()
    return _trial_outcome(outcome, context, round(1000 * (time.monotonic() - started)))


def _execute(trial_request: TrialRequest, context: TrialContext) -> Outcome:
    task = ScheduledTask(
        task_name="test-script",
        execution_type=SCRIPT.name,
        tenant_id=trial_request.tenant_id,
        script_content=trial_request.script_content,
        script_deps=trial_request.script_deps,
        timeout_seconds=trial_request.timeout_seconds,
    )
    run = Run(
        trace_id=f"test-{context.trial_id}", task_name=task.task_name, params=trial_request.input_params
    )
    variables = VarsCopy(NO_TASK, trial_request.tenant_id, context.holds_secret)
    recorder = Recorder(context.would_send, lambda: reachable_channels(task))
    replaced: Grants = {
        "get_var": variables.get_var,
        "set_var": variables.set_var,
        "del_var": variables.del_var,
        "dingtalk": recorder.dingtalk,
        "wecom": recorder.wecom,
        "notify": recorder.notify,
    }
    executor = script_executor.build(run, task, context, replaced)
    connection.close()
    return executor.execute(context)


def _trial_outcome(outcome: Outcome, context: TrialContext, duration_ms: int) -> TrialOutcome:
    result = context.mask_tree(outcome.result)
    if outcome.status == "success":
        context.unsent.append(UnsentMessage("result", result))
    return TrialOutcome(
        status=outcome.status,
        error=context.mask_error(outcome.error),
        error_code=outcome.error_code,
        result=result,
        duration_ms=duration_ms,
        messages=context.unsent,
    )
