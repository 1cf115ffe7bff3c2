"""One row of an old table, read by what its columns mean. A column that an older version lacked reads as NULL."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, NoReturn

from common.json_values import MAX_DEPTH, is_deeper
from common.rules import MOMENT

WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,19}")
TRUTH_VALUES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


class UnusableValueError(Exception):
    """A value can't be taken over. `column` is its name in the old database, `why` a sentence."""

    def __init__(self, column: str, why: object) -> None:
        super().__init__(f"{column}: {why}")


@dataclass(frozen=True)
class OldRow:
    """One row. `names` is {our name of a column: its name there}, where they differ.

    `known_as` takes the place of the id in the records of imports, where the id alone does not stay the row's own.
    Every method that reads a column raises UnusableValueError where the value can't be taken over.
    """

    table: str
    id: Any
    columns: Mapping[str, Any]
    zone: tzinfo
    names: Mapping[str, str] = field(default_factory=dict)
    known_as: str = ""

    @property
    def origin(self) -> Any:
        """What tells the row from the table's others in the records of imports."""
        return self.known_as or self.id

    def refuse(self, column: str, why: object) -> NoReturn:
        raise UnusableValueError(self.old_name(column), why)

    def old_name(self, column: str) -> str:
        return self.names.get(column, column)

    def has(self, column: str) -> bool:
        return self.old_name(column) in self.columns

    def raw(self, column: str) -> Any:
        """Return the value as the database's driver gives it; bytes are decoded as UTF-8."""
        value = self.columns.get(self.old_name(column))
        if not isinstance(value, bytes | bytearray):
            return value
        try:
            return bytes(value).decode()
        except UnicodeDecodeError:
            self.refuse(column, "This is not text in UTF-8.")

    def text(self, column: str, default: str = "") -> str:
        """Return the value as text, `default` for NULL and for an empty text."""
        value = self.raw(column)
        return default if value is None else str(value) or default

    def whole(self, column: str, default: int | None = None) -> int:
        """Return a whole number, `default` for NULL. Without a default NULL is refused."""
        value = default if (found := self.raw(column)) is None else found
        if value is None:
            self.refuse(column, "This must not be empty.")
        if isinstance(value, str) and WHOLE_NUMBER.fullmatch(value.strip()):
            return int(value)
        if not isinstance(value, int) and not (isinstance(value, float | Decimal) and _is_whole(value)):
            self.refuse(column, "This must be a whole number.")
        return int(value)

    def flag(self, column: str, *, default: bool) -> bool:
        """Return a truth value, `default` where there is no such column. NULL is False, as it was there."""
        if not self.has(column):
            return default
        value = self.raw(column)
        if isinstance(value, str):
            value = {"\x00": False, "\x01": True, "": False}.get(value, value)  # MySQL's BIT(1)
        if isinstance(value, str) and value.strip().lower() in TRUTH_VALUES:
            return TRUTH_VALUES[value.strip().lower()]
        return value if isinstance(value, bool) else self.whole(column, 0) != 0

    def json(self, column: str) -> Any:
        """Return the parsed JSON, None for NULL and for an empty text."""
        value = self.raw(column)
        if isinstance(value, str):
            try:
                value = read_json(value) if value.strip() else None
            except ValueError:
                self.refuse(column, "This is not valid JSON.")
        elif not isinstance(value, int | float | None) or value in (float("inf"), float("-inf")):
            self.refuse(column, "This is not valid JSON.")
        if is_deeper(value, MAX_DEPTH):
            self.refuse(column, f"This is nested more than {MAX_DEPTH} levels deep.")
        return value

    def json_list(self, column: str) -> list[Any]:
        """Return a JSON list, [] for NULL, an empty text and JSON's null."""
        found = self.json(column)
        if found is not None and not isinstance(found, list):
            self.refuse(column, "This JSON is not a list.")
        return found or []

    def json_object(self, column: str) -> dict[str, Any]:
        """Return a JSON object, {} for NULL, an empty text and JSON's null."""
        found = self.json(column)
        if found is not None and not isinstance(found, dict):
            self.refuse(column, "This JSON is not an object.")
        return found or {}

    def moment(self, column: str) -> datetime | None:
        """Return a time in UTC, None for NULL, an empty text and MySQL's 0000-00-00.

        The old systems kept local times without a zone.
        """
        value = self.raw(column)
        if value is None or (
            isinstance(value, str) and (not value.strip() or value.startswith("0000-00-00"))
        ):
            return None
        if isinstance(value, date) and not isinstance(value, datetime):
            value = datetime.combine(value, time())
        try:
            at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        except ValueError:
            self.refuse(column, "This is not a time.")
        if at.year not in MOMENT.years:
            self.refuse(column, "The year must be between 1970 and 9000.")
        return (at if at.tzinfo else at.replace(tzinfo=self.zone)).astimezone(UTC)


def _is_whole(value: float | Decimal) -> bool:
    return math.isfinite(value) and value.as_integer_ratio()[1] == 1


def read_json(text: str) -> Any:
    """Parse JSON. Raises ValueError, also for NaN and Infinity, which are no JSON."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
