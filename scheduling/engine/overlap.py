"""What a due run does when an earlier run of its task is unfinished. Pure.

`skip`: it is skipped. `queue`: one waits, others are skipped. `replace`: the earlier one is canceled and it
waits for that. `allow`: it runs beside. A run that `waits` (by hand, rerun, window, catch-up, another attempt)
always waits.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Due:
    """A queued run that is due, in the order it should run."""

    run_id: int
    task_id: int
    policy: str
    waits: bool


@dataclass(frozen=True)
class Decision:
    """Lists of run ids; `hold` ones wait from now on, `cancel` names tasks whose earlier runs end."""

    publish: list[int] = field(default_factory=list)
    skip: list[int] = field(default_factory=list)
    hold: list[int] = field(default_factory=list)
    cancel: set[int] = field(default_factory=set)


def decide(due: list[Due], busy: Collection[int], held: Collection[int]) -> Decision:
    """`busy`: tasks with a run that is running or on its way to a worker; `held`: tasks with one that waits."""
    decision, busy, held = Decision(), set(busy), set(held)
    for run in due:
        if run.policy == "allow" or run.task_id not in busy:
            decision.publish.append(run.run_id)
            busy.add(run.task_id)
        elif run.waits or run.policy == "replace" or (run.policy == "queue" and run.task_id not in held):
            decision.hold.append(run.run_id)
            held.add(run.task_id)
            if run.policy == "replace" and not run.waits:
                decision.cancel.add(run.task_id)
        else:
            decision.skip.append(run.run_id)
    return decision
