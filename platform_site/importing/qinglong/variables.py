"""QingLong's environment variables. Rows of one name are one variable, whose values are joined by &."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from platform_site.importing.old_row import OldRow
from platform_site.importing.qinglong.commands import ENVIRONMENT_NAME

DISABLED = 1


@dataclass(frozen=True)
class Variable:
    """One variable, or one row of it. The row is known by the variable's name."""

    name: str
    value: str
    remarks: str
    order: tuple[int, float]
    row: OldRow


def read_variable(row: OldRow) -> Variable:
    """Read a row. Raises UnusableValueError where it is disabled, or has a name that no shell would export."""
    name = row.text("name")
    if not ENVIRONMENT_NAME.fullmatch(name):
        row.refuse("name", f"“{name[:50]}” is not a name that an environment variable can have.")
    if row.whole("status", 0) == DISABLED:
        row.refuse("status", "The variable is disabled.")
    pinned, position = row.whole("ispinned", 0), row.raw("position") or 0
    return Variable(name, row.text("value"), row.text("remarks"), (-pinned, -float(position)), row)


def joined(variables: Iterable[Variable]) -> Iterator[Variable]:
    """Yield each variable once, with the values of its rows in QingLong's order: pinned first, then by position."""
    by_name = sorted(variables, key=lambda one: (one.name, one.order))
    for name, group in groupby(by_name, key=lambda one: one.name):
        rows = list(group)
        value = "&".join(one.value for one in rows).strip()
        remarks = ", ".join(filter(None, (one.remarks for one in rows)))
        first = rows[0].row
        known = OldRow(first.table, first.id, first.columns, first.zone, first.names, known_as=name)
        yield Variable(name, value, remarks, rows[0].order, known)
