"""Endpoints under /api/data-sources: the databases that scripts may query, kept by superusers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status

from common.rest.answers import answers
from common.rest.fields import Code, Fields, Words, schema_of_column, schema_of_rule
from common.rest.paging import PageOf, PageQuery, page_of
from common.rest.problems import ConflictError
from scheduling.acts import data_sources
from scheduling.models import DataSource
from scheduling.models.source import TABLE
from tenants import rows
from tenants.access import Actor
from tenants.api.auth import caller
from tenants.api.scope import require_superuser, tenant_of_new, visible_row

router = Router(tags=["Data sources"])
EXAMPLE: dict[str, Any] = {
    "tenant_id": "default",
    "name": "shop",
    "dsn": "mysql://reader:…@db.example.com:3306/shop?tls=true",
    "allowed_tables": ["orders", "customers"],
    "is_default": True,
}


SourceName = Annotated[str, schema_of_column(DataSource, "name")]
Address = Annotated[str, schema_of_column(DataSource, "dsn")]
Table = Annotated[str, schema_of_rule(TABLE)]


class SourceFields(Fields):
    name: SourceName = ""
    """The name that scripts use: db_query(…, source=name)."""
    dsn: Address = ""
    """Never returned, since it holds a password. Best use one that may only read these tables."""
    allowed_tables: Annotated[list[Table], schema_of_column(DataSource, "allowed_tables")] | None = None
    """Empty allows every table of its database, but none of the platform's own."""
    is_default: bool = False
    """Queried where a script names no source. A tenant has one at most; the global one serves tenants without."""


class SourceNew(SourceFields):
    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    name: SourceName
    dsn: Address
    tenant_id: Code | None = None


class SourceFilters(PageQuery):
    tenant_id: Words | None = None
    ordering: Literal["id", "-id", "name", "-name"] = "id"


class SourceShown(Schema):
    id: int
    tenant_id: str | None
    name: str
    dsn_set: bool
    allowed_tables: list[str]
    is_default: bool
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_dsn_set(row: DataSource) -> bool:
        return bool(row.dsn)


@router.get("", response=answers({200: PageOf[SourceShown]}, 403, 422), summary="List data sources")
def list_sources(request: HttpRequest, query: Query[SourceFilters]) -> Any:
    """`search` looks in the name."""
    _superuser(request)
    found = DataSource.objects.filter(name__icontains=query.search).order_by(query.ordering, "id")
    return page_of(found if query.tenant_id is None else found.filter(tenant_id=query.tenant_id), query)


@router.post("", response=answers({201: SourceShown}, 403, 409, 422), summary="Create a data source")
def create_source(request: HttpRequest, body: SourceNew) -> Any:
    actor = _superuser(request)
    row = DataSource(**_columns(body) | {"tenant_id": tenant_of_new(body, actor)})
    with _name_conflict():
        return Status(201, data_sources.create(row, actor))


@router.get("/{int:source_id}", response=answers({200: SourceShown}, 403, 404), summary="Read a data source")
def get_source(request: HttpRequest, source_id: int) -> Any:
    return visible_row(DataSource.objects.all(), _superuser(request), pk=source_id)


@router.put(
    "/{int:source_id}",
    response=answers({200: SourceShown}, 403, 404, 409, 422),
    summary="Change a data source",
)
def update_source(request: HttpRequest, source_id: int, body: SourceFields) -> Any:
    actor = _superuser(request)
    row = visible_row(DataSource.objects.all(), actor, pk=source_id)
    with _name_conflict():
        return data_sources.change(row, _columns(body), actor)


@router.delete("/{int:source_id}", response=answers({204: None}, 403, 404), summary="Delete a data source")
def delete_source(request: HttpRequest, source_id: int) -> Any:
    actor = _superuser(request)
    rows.delete(visible_row(DataSource.objects.all(), actor, pk=source_id), actor)
    return Status(204, None)


def _superuser(request: HttpRequest) -> Actor:
    actor = caller(request)
    require_superuser(actor)
    return actor


def _columns(body: SourceFields) -> dict[str, Any]:
    sent = body.model_dump(include=body.model_fields_set)
    return sent | ({"allowed_tables": sent["allowed_tables"] or []} if "allowed_tables" in sent else {})


@contextmanager
def _name_conflict() -> Iterator[None]:
    """Raise ConflictError where the name is taken already."""
    try:
        yield
    except rows.AlreadyTakenError as error:
        raise ConflictError(_("A data source with this name already exists."), code="taken") from error
