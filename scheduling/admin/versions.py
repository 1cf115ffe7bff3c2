"""What each change of a task changed: two versions side by side, by column."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from scheduling.models import ScheduledTask, TaskVersion

SHOWN = 20
NAMES = {field.name: field.verbose_name for field in ScheduledTask._meta.concrete_fields}


@dataclass(frozen=True)
class Difference:
    column: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    """`hidden`: changed columns whose values are kept in no version."""

    version: int
    at: datetime
    by: str
    differences: list[Difference]
    hidden: list[str]


def latest(task: ScheduledTask) -> list[Change]:
    """Newest first; the first version of all has nothing to differ from."""
    rows = list(TaskVersion.objects.filter(task=task).order_by("-version")[: SHOWN + 1])
    found = [_change(newer, older.fields) for newer, older in pairwise(rows)]
    if rows and rows[-1].version == 1 and len(rows) <= SHOWN:
        found.append(Change(1, rows[-1].at, rows[-1].by, [], []))
    return found


def _change(row: TaskVersion, before: dict[str, Any]) -> Change:
    after = row.fields
    differing = [name for name in after if after[name] != before.get(name)]
    hidden = [name for name in row.summary.split(", ") if name and name not in after]
    return Change(
        row.version,
        row.at,
        row.by,
        [Difference(_name(name), _text(before.get(name)), _text(after[name])) for name in differing],
        [_name(name) for name in hidden],
    )


def _name(column: str) -> str:
    return str(NAMES.get(column, column))


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case list():
            return ", ".join(map(str, value))
        case dict():
            return json.dumps(value, ensure_ascii=False)
    return str(value)
