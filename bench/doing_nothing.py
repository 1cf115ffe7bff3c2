"""The platform's Celery application with a script executor that only writes a line, to measure a run by itself."""

from __future__ import annotations

import django

from celery_app import app

django.setup()

from scheduling.execution import Outcome, RunContext, success  # noqa: E402
from scheduling.models import Run, ScheduledTask  # noqa: E402
from scheduling.worker import executors  # noqa: E402  its models need the settings
from scheduling.worker.run_context import LiveContext  # noqa: E402

__all__ = ["app"]


class NothingExecutor:
    def execute(self, context: RunContext) -> Outcome:
        context.line("nothing to do")
        return success(1)


def _nothing(run: Run, task: ScheduledTask, context: LiveContext) -> NothingExecutor:
    return NothingExecutor()


executors.BUILDERS["script"] = _nothing
