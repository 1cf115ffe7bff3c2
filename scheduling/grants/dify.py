"""The grant `dify`: it runs a Dify task of the same tenant within the script's time, and waits for its outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.host.calls import Later
from scheduling.execution import Outcome, Spent
from scheduling.kinds.dify.kind import DIFY
from scheduling.models import ScheduledTask

Call = Callable[[ScheduledTask, dict[str, Any]], Callable[[], Outcome]]


class DifyTaskFailedError(Exception):
    """The Dify run did not succeed; the text begins with its error code."""


class Dify:
    """`call` returns the work of running the task with the given inputs."""

    def __init__(self, tenant_id: str | None, call: Call, spent: Spent) -> None:
        self.tenant_id, self.call, self.spent = tenant_id, call, spent

    def dify(self, inputs: Any, app: str | None) -> Later:
        if not isinstance(inputs, dict):
            raise TypeError("dify(): inputs must be a dict")
        task = self._task(app)
        work = self.call(task, {**task.input_params, **inputs})
        return Later(lambda: self._outputs(work()))

    def _outputs(self, outcome: Outcome) -> Any:
        self.spent.add(outcome.tokens, outcome.cost)
        if outcome.status != "success":
            raise DifyTaskFailedError(f"{outcome.error_code}: {outcome.error}")
        return outcome.result

    def _task(self, app: str | None) -> ScheduledTask:
        """Find the only Dify task there is, or the only one of this name. Raises LookupError."""
        rows = ScheduledTask.objects.filter(execution_type=DIFY.name)
        rows = rows.filter(tenant=None) if self.tenant_id is None else rows.filter(tenant_id=self.tenant_id)
        if app is None:
            found = list(rows.order_by("pk")[:2])
        else:  # MySQL also finds names that differ in case
            found = [
                row for row in rows.filter(task_name=str(app)).order_by("pk") if row.task_name == str(app)
            ]
        if len(found) == 1:
            return found[0]
        which = "" if app is None else f" called {app!r}"
        if found:
            raise LookupError(f"dify(): there is more than one Dify task{which}; name one with app=")
        raise LookupError(f"dify(): this tenant has no Dify task{which}")
