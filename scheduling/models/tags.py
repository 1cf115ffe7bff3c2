"""Tags: words by which people group their tasks. The rule for them is in scheduling/rules.py."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL

from scheduling.models.task import ScheduledTask


def tagged(rows: QuerySet[ScheduledTask], tag: str) -> QuerySet[ScheduledTask]:
    """Return those of the tasks that have the tag. SQLite has no JSON containment of its own."""
    if connection.features.supports_json_field_contains:
        return rows.filter(tags__contains=[tag])
    table = connection.ops.quote_name(ScheduledTask._meta.db_table)
    has = f"EXISTS (SELECT 1 FROM json_each({table}.tags) WHERE json_each.value = %s)"  # noqa: S608
    return rows.filter(RawSQL(has, [tag], output_field=BooleanField()))  # noqa: S611  the tag is a parameter


def tags_of(rows: QuerySet[ScheduledTask]) -> list[str]:
    """Return the tags that the tasks have, each once, in order."""
    lists: Iterable[list[str]] = rows.exclude(tags=[]).order_by().values_list("tags", flat=True)
    return sorted({tag for tags in lists for tag in tags})
