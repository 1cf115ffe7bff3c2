"""How much a tenant may use: runs, tasks, and values for its scripts, all of which are masked in each of its runs."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

PLATFORM_COLUMNS = (
    "is_enabled",
    "max_running",
    "max_tasks",
)  # columns of a tenant that only the platform sets


def require_room(row: Any, beside: QuerySet[Any], max_count: int) -> None:
    """Refuse a new row that is one too many among those beside it. Raises ValidationError."""
    if row._state.adding and beside.count() >= max_count:
        message = _("The limit of %(most)d has been reached: delete one that is no longer used.")
        raise ValidationError(message % {"most": max_count})


def require_short(row: Any, beside: QuerySet[Any]) -> None:
    """Refuse a new value that is too long. Raises ValidationError.

    A value stored before there were limits stays usable, and everything else in its row may be changed.
    """
    size = len(row.value.encode("utf-8", "replace"))
    if size > settings.MAX_SECRET_BYTES and _is_new(row, beside):
        message = _("The value takes %(size)d bytes, but at most %(most)d are allowed.")
        raise ValidationError({"value": message % {"size": size, "most": settings.MAX_SECRET_BYTES}})


def _is_new(row: Any, beside: QuerySet[Any]) -> bool:
    stored = beside.filter(pk=row.pk).first()
    return stored is None or stored.value != row.value
