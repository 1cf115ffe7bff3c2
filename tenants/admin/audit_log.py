"""The admin's page of the audit log, which a tenant's administrators may read."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from tenants.admin.base import ReadOnlyAdmin
from tenants.admin.labels import moment
from tenants.admin.pages import (
    DateFilter,
    Filter,
    TenantFilter,
    among_the_latest,
    latest_filter,
    of_the_latest,
)
from tenants.admin.side_by_side import side_by_side
from tenants.models import AuditEntry, Role

OUR_MODELS = {"auth", "tenants", "notifications", "scheduling", "django_celery_beat"}

ACTIONS = {
    "create": _("Created"),
    "update": _("Changed"),
    "delete": _("Deleted"),
    "rotate": _("Replaced"),
    "toggle": _("Enabled or disabled"),
    "test_script": _("Script tested"),
    "cancel_test": _("Test run canceled"),
    "run": _("Run manually"),
    "rerun": _("Run again"),
    "cancel": _("Canceled"),
    "test": _("Tested"),
    "resend": _("Sent again"),
    "restore": _("Version restored"),
    "backfill": _("Backfill started"),
    "start": _("Started"),
    "stop": _("Stopped"),
    "login": _("Logged in"),
    "login_failed": _("Log-in failed"),
    "login_refused": _("Log-in blocked for a while"),
    "logout": _("Logged out"),
}


# Keys of an entry's changes that are no columns of its row.
KEY_NAMES = {
    "log_id": _("run"),
    "backfill_id": _("backfill"),
    "range": _("range"),
    "source_sha256": _("hash of the source"),
}


class DayFilter(DateFilter):
    title, parameter_name = _("day"), "day"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        bounds = self.bounds()
        return queryset.filter(at__gte=bounds[0], at__lt=bounds[1]) if bounds else queryset


class KindFilter(Filter):
    """Filters by the kind of row, named as in the side bar.

    It searches only the latest entries, except in the history of one row, for which there is an index.
    """

    title, parameter_name = of_the_latest(_("kind")), "object_type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        models = [model for model in admin.site._registry if model._meta.app_label in OUR_MODELS]
        named = [(str(model._meta.model_name), str(model._meta.verbose_name)) for model in models]
        return sorted(named, key=lambda one: one[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        rows = queryset if request.GET.get("object_id") else among_the_latest(queryset)
        return rows.filter(object_type=self.value())


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    seen_by = Role.ADMIN
    asked_by_links = ("object_id",)  # one row's history
    sortable_by = ()
    list_display = ("moment", "username", "act", "kind", "object_name", "tenant", "changed")
    list_display_links = ("moment",)
    list_select_related = ()  # see get_queryset
    list_filter = (
        DayFilter,
        TenantFilter,
        latest_filter("action", _("action"), list(ACTIONS.items())),
        KindFilter,
    )
    search_fields = ("=username", "=object_name")
    fields = (
        ("moment", "username"),
        ("token_prefix", "remote_addr"),
        ("act", "kind", "object_id"),
        "object_name",
        "tenant",
        "differences",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Load tenants apart, not joined: MySQL may sooner hash the whole history than read a page by an index."""
        return super().get_queryset(request).prefetch_related("tenant")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        """Order by id, but the entries of one day by time: the index of the time finds them in its order."""
        return ["-at", "-id"] if request.GET.get("day") else ["-id"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        rows = among_the_latest(queryset) if search_term else queryset
        return super().get_search_results(request, rows, search_term)

    @admin.display(description=_("time"))
    def moment(self, row: AuditEntry) -> str:
        return moment(row.at)

    @admin.display(description=_("action"))
    def act(self, row: AuditEntry) -> str:
        return str(ACTIONS.get(row.action, row.action))

    @admin.display(description=_("kind"))
    def kind(self, row: AuditEntry) -> str:
        model = model_named(row.object_type)
        return str(model._meta.verbose_name) if model else row.object_type

    @admin.display(description=_("what changed"))
    def changed(self, row: AuditEntry) -> str:
        names = [column(row.object_type, name) for name in row.changes]
        return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")

    @admin.display(description=_("what changed"))
    def differences(self, row: AuditEntry) -> str:
        changes = [
            (column(row.object_type, name), *_old_and_new_text(value)) for name, value in row.changes.items()
        ]
        found = [(name, old, new, side_by_side(old, new)) for name, old, new in changes if old or new]
        return render_to_string("platform/differences.html", {"differences": found})


@cache
def model_named(name: str) -> Any:
    return next((model for model in apps.get_models() if model._meta.model_name == name), None)


def column(object_type: str, name: str) -> str:
    """Return a column's name in the reader's language; a key that is no column nor in KEY_NAMES stays as it is."""
    model = model_named(object_type)
    names = {field.name: field.verbose_name for field in model._meta.concrete_fields} if model else {}
    return str(names.get(name) or KEY_NAMES.get(name, name))


EMPTY = ("[]", "{}")


def _old_and_new_text(value: Any) -> tuple[str, str]:
    match value:
        case [old, new]:
            return ("" if old in EMPTY else str(old)), ("" if new in EMPTY else str(new))
        case []:
            return "", "…"
    return "", str(value)
