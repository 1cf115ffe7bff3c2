"""Shows what each change of a task changed, and two versions side by side."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from scheduling.admin.wording import calendar_name
from scheduling.models import ScheduledTask, TaskVersion
from tenants.admin.side_by_side import Line, side_by_side

COLUMN_NAMES = {field.name: field.verbose_name for field in ScheduledTask._meta.concrete_fields}


@dataclass(frozen=True)
class Difference:
    """The difference in one column. A value of one line has no `lines`."""

    column: str
    old: str
    new: str
    lines: list[Line]


def changed_columns(version: TaskVersion) -> str:
    """Return the columns in words, also those whose values are kept in no version."""
    return ", ".join(_column_name(column) for column in version.summary.split(", ") if column)


def differences(old: TaskVersion, new: TaskVersion) -> list[Difference]:
    names = [name for name in new.fields if new.fields[name] != old.fields.get(name)]
    return [_difference(_column_name(name), _value(old, name), _value(new, name)) for name in names]


def _value(version: TaskVersion, column: str) -> Any:
    value = version.fields.get(column)
    return calendar_name(version.task.tenant_id, value) if column == "calendar" and value else value


def _difference(column: str, old: Any, new: Any) -> Difference:
    before, after = _value_text(old), _value_text(new)
    return Difference(column, before, after, side_by_side(before, after))


def _column_name(column: str) -> str:
    return str(COLUMN_NAMES.get(column, column))


def _value_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case list():
            return ", ".join(map(str, value))
        case dict():
            return json.dumps(value, ensure_ascii=False, indent=2) if value else ""
    return str(value)
