"""Writes the audit log: one row for each change, in the transaction of the change."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Model
from django.forms.models import model_to_dict

from common.fields import encrypted_columns
from tenants.access import Actor
from tenants.models import AuditEntry

HIDDEN = "***"


def record(actor: Actor, action: str, row: Model, changes: Mapping[str, Any] | None = None) -> None:
    AuditEntry.objects.create(
        username=actor.username,
        token_prefix=actor.token_prefix,
        remote_addr=actor.remote_addr,
        action=action,
        object_type=row._meta.model_name or "",
        object_id=str(row.pk or ""),
        object_name=str(row)[:255],
        tenant_id=getattr(row, "tenant_id", None),
        changes=dict(changes or {}),
    )


def loggable_values(row: Model) -> dict[str, Any]:
    """Return a row's columns as the audit log may show them, see `mask_columns`."""
    return mask_columns(type(row), model_to_dict(row))


def mask_columns(model: type[Model], columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns of a model, the encrypted ones only as set (HIDDEN) or not ("")."""
    secret = encrypted_columns(model)
    return {n: (HIDDEN if value else "") if n in secret else value for n, value in columns.items()}


def difference(
    before: Mapping[str, Any], after: Mapping[str, Any], rewritten: Collection[str] = ()
) -> dict[str, list[str]]:
    """Return {column: [old, new]} as text; `rewritten` names hidden columns whose new value differs."""
    names = [n for n in after if before.get(n) != after[n] or n in rewritten]
    return {name: [_short(before.get(name)), _short(after[name])] for name in names}


def _short(value: Any) -> str:
    text = "" if value is None else str(value)
    return text if len(text) <= 500 else text[:499] + "…"
