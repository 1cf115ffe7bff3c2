"""What tests of both importers need: a command's report of an old database."""

from __future__ import annotations

import json
from collections.abc import Callable
from io import StringIO
from typing import Any

from django.core.management import call_command

Old = Callable[[str], str]


def report(command: str, dsn: str, *options: str) -> dict[str, Any]:
    out = StringIO()
    call_command(command, dsn, "--json", *options, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def changed(table: str, old_id: int, **columns: Any) -> str:
    """SQL that sets columns of an old row."""
    sets = ", ".join(f"{column} = {_literal(value)}" for column, value in columns.items())
    return f"UPDATE {table} SET {sets} WHERE id = {old_id}"


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
