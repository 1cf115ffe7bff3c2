"""What people ask of many runs at once: cancel them, run them again. Each run has its own transaction and audit row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from scheduling.acts import runs
from scheduling.acts.runs import TaskDeletedError
from scheduling.models import UNFINISHED, IncompleteTaskError, Run
from tenants.access import Actor
from tenants.models import Role


class LeftOut(Enum):
    """Why nothing was done for a run."""

    ENDED = "ended"
    UNFINISHED = "unfinished"
    NOT_ALLOWED = "not_allowed"
    TASK_DELETED = "task_deleted"
    TASK_INCOMPLETE = "task_incomplete"


@dataclass
class Batch:
    """`done`: for how many runs it was done. `left_out`: the ids of the others, by reason."""

    done: int = 0
    left_out: dict[LeftOut, list[int]] = field(default_factory=dict)


def cancel_each(rows: Iterable[Run], actor: Actor, now: datetime) -> Batch:
    def cancel(run: Run) -> LeftOut | None:
        return None if runs.cancel(run, actor, now) else LeftOut.ENDED

    return _each(rows, actor, cancel)


def rerun_each(rows: Iterable[Run], actor: Actor, now: datetime) -> Batch:
    """Queue a run for each run that has ended, with the same parameters and window."""

    def rerun(run: Run) -> LeftOut | None:
        if run.status in UNFINISHED:
            return LeftOut.UNFINISHED
        try:
            runs.rerun(run, actor, now)
        except TaskDeletedError:
            return LeftOut.TASK_DELETED
        except IncompleteTaskError:
            return LeftOut.TASK_INCOMPLETE
        return None

    return _each(rows, actor, rerun)


def _each(rows: Iterable[Run], actor: Actor, act: Callable[[Run], LeftOut | None]) -> Batch:
    batch = Batch()
    for run in rows:
        why = act(run) if actor.may(Role.OPERATOR, run.tenant_id) else LeftOut.NOT_ALLOWED
        if why is None:
            batch.done += 1
        else:
            batch.left_out.setdefault(why, []).append(run.pk)
    return batch
