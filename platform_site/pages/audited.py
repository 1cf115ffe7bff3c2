"""Admin pages of other packages' models, whose changes go into our audit log."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from common.framework.admin_lists import RefusingLists
from tenants import audit
from tenants.access import Actor, actor_of
from tenants.api.auth import remote_addr

if TYPE_CHECKING:
    Page = admin.ModelAdmin[Any]
else:
    from unfold.admin import ModelAdmin

    class Page(RefusingLists, ModelAdmin):
        pass


# The arguments and headers of a Celery task may hold a key.
_HIDDEN = {"args", "kwargs", "headers"}


class AuditedPage(Page):
    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        stored = self.model._default_manager.filter(pk=obj.pk).first() if change else None
        before = _values(stored) if stored else {}
        super().save_model(request, obj, form, change)
        rewritten = _HIDDEN.intersection(form.changed_data) if change else ()
        changes = audit.difference(before, _values(obj), rewritten)
        if changes:
            audit.record(_actor(request), "update" if change else "create", obj, changes)

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        audit.record(_actor(request), "delete", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: Iterable[Any]) -> None:
        for row in queryset:
            self.delete_model(request, row)

    def record_each(self, request: HttpRequest, action: str, rows: Iterable[Model]) -> None:
        for row in rows:
            audit.record(_actor(request), action, row)

    # Django's own log stays empty: it would record the same changes a second time.

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        return None

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        return None


def _actor(request: HttpRequest) -> Actor:
    """Return who acts.

    `tenants.admin` has a function for this, but can't be used here: its pages are registered after Django's own, these
    before.
    """
    return actor_of(request.user, remote_addr=remote_addr(request))


def _values(row: Model) -> dict[str, Any]:
    column_values = audit.loggable_values(row)
    return column_values | {name: audit.HIDDEN for name in _HIDDEN if column_values.get(name)}
