from scheduling.models.arrears import TaskArrears
from scheduling.models.backfill import Backfill
from scheduling.models.calendar import BasedOn, Calendar, CalendarDay
from scheduling.models.day import RunDay
from scheduling.models.failure import FailureGroup, FailureState
from scheduling.models.hook import TaskHook
from scheduling.models.run import (
    UNFINISHED,
    LastRunStatus,
    Run,
    RunLine,
    RunStatus,
    Stream,
    Trigger,
    latest_of_each,
    runs_of,
)
from scheduling.models.source import DataSource
from scheduling.models.task import (
    SECRET_COLUMNS,
    CalendarPolicy,
    CatchUp,
    IncompleteTaskError,
    MisfirePolicy,
    OnWindowFailure,
    OverlapPolicy,
    RetryBackoff,
    ScheduledTask,
    ScheduleType,
)
from scheduling.models.variable import ScriptVar
from scheduling.models.version import TaskVersion

__all__ = [
    "SECRET_COLUMNS",
    "UNFINISHED",
    "Backfill",
    "BasedOn",
    "Calendar",
    "CalendarDay",
    "CalendarPolicy",
    "CatchUp",
    "DataSource",
    "FailureGroup",
    "FailureState",
    "IncompleteTaskError",
    "LastRunStatus",
    "MisfirePolicy",
    "OnWindowFailure",
    "OverlapPolicy",
    "RetryBackoff",
    "Run",
    "RunDay",
    "RunLine",
    "RunStatus",
    "ScheduleType",
    "ScheduledTask",
    "ScriptVar",
    "Stream",
    "TaskArrears",
    "TaskHook",
    "TaskVersion",
    "Trigger",
    "latest_of_each",
    "runs_of",
]
