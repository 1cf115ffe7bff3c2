"""The platform's Celery application with a script executor that only writes a line, to measure a run by itself."""

from __future__ import annotations

from dataclasses import replace

import django

from celery_app import app

django.setup()

from scheduling.execution import Outcome, RunContext, success  # noqa: E402
from scheduling.kinds import KINDS  # noqa: E402
from scheduling.models import Run, ScheduledTask  # noqa: E402

__all__ = ["app"]


class NothingExecutor:
    def execute(self, context: RunContext) -> Outcome:
        context.line("nothing to do")
        return success(1)


def build(run: Run, task: ScheduledTask, context: RunContext) -> NothingExecutor:
    return NothingExecutor()


KINDS["script"] = replace(KINDS["script"], builder=f"{__name__}.build")
