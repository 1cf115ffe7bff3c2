"""Names of rows for another installation, where their ids mean nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Model

M = TypeVar("M", bound=Model)


def rows_by_key(rows: Iterable[M]) -> dict[str, M]:
    """Return the rows by `tenant/name`, or `/name` for a global row; the second of a name is `tenant/name#2`.

    Give the rows in the order of their ids: then the keys stay the same.
    """
    found: dict[str, M] = {}
    for row in rows:
        found[free_key(f"{getattr(row, 'tenant_id', None) or ''}/{row}", found)] = row
    return found


def free_key(key: str, keys: Iterable[str]) -> str:
    """Return `key`, else the first of `key#2`, `key#3`, … that is not taken."""
    if key not in keys:
        return key
    number = 2
    while f"{key}#{number}" in keys:
        number += 1
    return f"{key}#{number}"
