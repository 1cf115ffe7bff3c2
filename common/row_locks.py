"""Row locks where the database has them."""

from __future__ import annotations

from typing import TypeVar

from django.db import connection
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)


def locked(rows: QuerySet[M], *, skip: bool = True) -> QuerySet[M]:
    """FOR UPDATE (SKIP LOCKED). SQLite has one writer: BEGIN IMMEDIATE already holds the only lock there is."""
    if not connection.features.has_select_for_update:
        return rows
    return rows.select_for_update(skip_locked=skip)
