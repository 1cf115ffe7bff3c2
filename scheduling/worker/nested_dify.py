"""A Dify task that a script calls. It has no run of its own, and runs within the script's time and ends with it."""

from __future__ import annotations

from typing import Any

from common.http import CancelSwitch
from scheduling.execution import Outcome, RunContext, Stream, failed
from scheduling.kinds.dify import builder
from scheduling.models import Run, ScheduledTask
from scheduling.worker.unrecorded_run import UnrecordedRun

# A call's own deadline is well after the script's, so that the script is killed for its time limit, which also ends the
# call. The script's time begins only with its process, for which a new zygote may have to be started first.
BEHIND_SECONDS = 10


class NestedContext(UnrecordedRun):
    """Everything that ends the outer attempt ends this one; its lines go to the outer run's log.

    `switch` ends the outer script's calls. After that, little time is left to stop the run in Dify.
    """

    seconds_to_end = 0.8

    def __init__(self, outer: RunContext, switch: CancelSwitch) -> None:
        super().__init__()
        self.outer, self.switch = outer, switch

    @property
    def seconds_left(self) -> float:
        return self.outer.seconds_left + BEHIND_SECONDS

    def canceled(self) -> bool:
        return self.switch.is_canceled or self.outer.canceled()

    def cut(self, text: str, max_characters: int, last: int = 0) -> str:
        return self.outer.cut(text, max_characters, last)

    def line(self, text: str, stream: Stream = "system") -> None:
        self.outer.line(text, stream)


def call(
    task: ScheduledTask,
    inputs: dict[str, Any],
    outer: RunContext,
    switch: CancelSwitch,
    trace_id: str,
) -> Outcome:
    """Run the Dify task, again and again as long as nothing could have started and the script has time left.

    Raises ConfigError and IncompleteTaskError.
    """
    task.require_complete()
    run = Run(task_id=task.pk, task_name=task.task_name, trace_id=trace_id, params=inputs)
    # This run has no row. With a user of its own it can't be mistaken for a run of the task, nor such a run for it.
    task.dify_user = task.dify_user or f"script-{task.pk}"
    while outer.seconds_left > 0:
        context = NestedContext(outer, switch)
        executor = builder.build(run, task, context)
        outcome = executor.execute(context)
        pause = outcome.again_after.total_seconds() if outcome.again_after else None
        if pause is None or pause > outer.seconds_left:
            return outcome
        if switch.wait(pause):
            break
    return failed("timeout", "The script's time limit is over.")
