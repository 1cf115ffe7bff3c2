"""Every address that the platform answers at, as its URL resolver knows them, with arguments that exist."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from django.contrib import admin
from django.contrib.admin.utils import quote as admin_quote
from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignKey, Model
from django.urls import URLPattern, URLResolver, get_resolver

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
REGEX = re.compile(r"[\^$]|\(\?P<(\w+)>[^)]*\)")

API_ROWS = {
    "task_id": "ScheduledTask",
    "log_id": "Run",
    "channel_id": "NotifyChannel",
    "app_id": "WeComApp",
    "delivery_id": "Delivery",
    "var_id": "ScriptVar",
    "source_id": "DataSource",
    "token_id": "ApiToken",
    "config_id": "TenantConfig",
    "secret_id": "Secret",
    "backfill_id": "Backfill",
    "calendar": "Calendar",
    "fingerprint": "FailureGroup",
}
PLAIN_ARGUMENTS = {
    "version": "1",
    "test_id": "nothing",
    "day": "2026-10-08",
    "code": "ours",
    "username": "viewer",
    "token": "nothing",
    "url": "nothing",
    "app_label": "scheduling",
}


@dataclass(frozen=True)
class Route:
    """`template` has its arguments in braces; `name` is the pattern's."""

    template: str
    name: str

    @property
    def arguments(self) -> list[str]:
        return re.findall(r"\{(\w+)\}", self.template)


def routes() -> list[Route]:
    return list(dict.fromkeys(_walk(get_resolver(), "/")))


def _walk(resolver: URLResolver, before: str) -> Iterator[Route]:
    for pattern in resolver.url_patterns:
        template = before + _template(str(pattern.pattern))
        if isinstance(pattern, URLPattern):
            yield Route(template, pattern.name or "")
        else:
            yield from _walk(pattern, template)


def _template(pattern: str) -> str:
    """`<int:task_id>` and `(?P<url>.*)` become `{task_id}` and `{url}`."""
    braced = REGEX.sub(lambda found: f"{{{found[1]}}}" if found[1] else "", pattern)
    return ARGUMENT.sub(r"{\1}", braced)


def model_of(route: Route) -> type[Model] | None:
    """Return that of a page of the admin's."""
    parts = route.template.split("/")
    named = {(m._meta.app_label, m._meta.model_name): m for m in admin.site._registry}
    return named.get((parts[2], parts[3])) if len(parts) > 4 and parts[1] == "admin" else None


def good(route: Route) -> dict[str, str]:
    """Return arguments that exist."""
    return {name: _good(route, name) for name in route.arguments}


def _good(route: Route, name: str) -> str:
    model = model_of(route)
    if name == "object_id" and model:
        return _pk(model)
    if name == "column" and model:
        keys = [f.name for f in model._meta.concrete_fields if isinstance(f, ForeignKey)]
        return keys[0] if keys else "nothing"
    if name == "content_type_id":
        return str(ContentType.objects.get_for_model(ContentType).pk)
    if name == "object_id":
        return "1"
    if name in API_ROWS:
        return _pk(next(m for m in admin.site._registry if m.__name__ == API_ROWS[name]))
    return PLAIN_ARGUMENTS[name]


def _pk(model: type[Model]) -> str:
    row = model._default_manager.order_by("-pk").first()
    return quote(admin_quote(str(row.pk))) if row else "1"


def path_of(route: Route, **others: str) -> str:
    """Return its path, with arguments that exist where no others are given."""
    return route.template.format(**good(route) | others)
