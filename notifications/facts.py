"""What an alert or a message needs to know about a run and its task; the code that has the rows fills it in."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RunFacts:
    """The facts of one run. `log_id` is None where there is no run, as for the platform's own alerts.

    `due_at` is None where nothing was due.
    `url` is the run's page, absolute. `output` is the tail of what the run printed, secrets masked.
    `failures` counts the failures in a row, this one included; `expected_seconds` is how long a run may take.
    """

    task_id: int | None = None
    task_name: str = ""
    tenant_id: str | None = None
    log_id: int | None = None
    trace_id: str = ""
    status: str = ""
    error: str = ""
    error_code: str = ""
    due_at: datetime | None = None
    attempt: int = 1
    url: str = ""
    output: str = ""
    failures: int = 0
    duration_seconds: float | None = None
    expected_seconds: float | None = None
