"""Data sources are created, changed and tried; at most one of a tenant's is the default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from common.concurrency import hold_place
from common.http import CancelSwitch
from scheduling.clients import sources
from scheduling.models import DataSource
from scheduling.models.source import source_key
from tenants import rows
from tenants.access import Actor

HARMLESS_QUERY = "SELECT 1"


def create(row: DataSource, actor: Actor) -> DataSource:
    """Save a new data source. Raises rows.AlreadyTakenError."""
    row.scope_key = source_key(row.tenant_id, row.name)
    with transaction.atomic():
        rows.create(row, actor)
        _unset_other_defaults(row)
    return row


def change(row: DataSource, columns: Mapping[str, Any], actor: Actor) -> DataSource:
    """Change columns of the data source. Raises rows.AlreadyTakenError."""
    key = source_key(row.tenant_id, columns.get("name", row.name))
    with transaction.atomic():
        rows.change(row, {**columns, "scope_key": key}, actor)
        _unset_other_defaults(row)
    return row


def _unset_other_defaults(row: DataSource) -> None:
    """Let a new default take the place of its tenant's old one."""
    if row.is_default:
        others = DataSource.objects.filter(tenant=row.tenant, is_default=True)
        others.exclude(pk=row.pk).update(is_default=False)


def try_source(row: DataSource) -> None:
    """Send the data source a harmless query, as a script would: read-only.

    Raises SourceError, whose text holds no password, and NoPlaceError.
    """
    dsn = sources.read_dsn(row.dsn)
    with hold_place(row.tenant_id):
        sources.query(dsn, sources.Tables([], closed=[]), HARMLESS_QUERY, None, CancelSwitch())
