"""Row locks, on databases that have them."""

from __future__ import annotations

from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def locked(rows: QuerySet[M], *, skip: bool = True) -> QuerySet[M]:
    """Lock the rows by FOR UPDATE, with SKIP LOCKED if `skip`.

    SQLite has one writer: BEGIN IMMEDIATE already holds the only lock that there is.
    """
    if not connection.features.has_select_for_update:
        return rows
    return rows.select_for_update(skip_locked=skip)
