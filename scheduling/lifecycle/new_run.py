"""A run before it is saved."""

from __future__ import annotations

import uuid
from datetime import datetime

from scheduling.models import Run, ScheduledTask, Trigger


def new_run(task: ScheduledTask, trigger: Trigger, not_before: datetime) -> Run:
    """Return an unsaved queued run of the task as it is now."""
    return Run(
        task=task,
        task_name=task.task_name,
        task_version=task.version,
        execution_type=task.execution_type,
        tenant_id=task.tenant_id,
        trace_id=uuid.uuid4().hex,
        trigger=trigger,
        params=task.input_params,
        priority=task.priority,
        not_before=not_before,
    )
