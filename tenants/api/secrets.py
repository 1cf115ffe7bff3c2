"""The API at /api/secrets. Values are written, but never returned."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status

from common.rest.answers import answers
from common.rest.fields import Code, Fields, Words, schema_of_column
from common.rest.paging import PageOf, PageQuery, page_of
from common.rest.problems import ConflictError
from tenants import rows
from tenants.api.auth import caller
from tenants.api.scope import allowed_row, rows_for_role, tenant_of_new
from tenants.models import Role, Secret

router = Router(tags=["Secrets"])
Value = Annotated[str, schema_of_column(Secret, "value")]
EXAMPLE: dict[str, Any] = {"tenant_id": "default", "secret_key": "CRM_TOKEN", "value": "…"}


class SecretFields(Fields):
    value: Value = ""
    """It is never returned."""
    is_shared: bool = False
    """Every tenant's scripts may read it. Only a global secret can be shared."""
    description: Annotated[str, schema_of_column(Secret, "description")] | None = None


class SecretNew(SecretFields):
    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    tenant_id: Code | None = None
    """null makes the secret global, which only superusers may do."""
    secret_key: Annotated[str, schema_of_column(Secret, "secret_key")]
    value: Value


class SecretFilters(PageQuery):
    tenant_id: Words | None = None
    ordering: Literal["id", "-id", "secret_key", "-secret_key"] = "id"


class SecretShown(Schema):
    id: int
    tenant_id: str | None
    secret_key: str
    value_set: bool
    is_shared: bool
    description: str
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_value_set(row: Secret) -> bool:
        return bool(row.value)


@router.get("", response=answers({200: PageOf[SecretShown]}, 403, 422), summary="List secrets")
def list_secrets(request: HttpRequest, query: Query[SecretFilters]) -> Any:
    """Only a tenant's administrators see its secrets, and no answer holds a value. `search` looks for a text in the
    key."""
    found = rows_for_role(Role.ADMIN, Secret.objects.order_by(query.ordering, "id"), caller(request))
    if query.tenant_id is not None:
        found = found.filter(tenant_id=query.tenant_id)
    return page_of(found.filter(secret_key__icontains=query.search), query)


@router.post("", response=answers({201: SecretShown}, 403, 409, 422), summary="Create a secret")
def create_secret(request: HttpRequest, body: SecretNew) -> Any:
    actor = caller(request)
    columns = body.model_dump() | {"tenant_id": tenant_of_new(body, actor)}
    secret = Secret(**columns | {"description": body.description or ""})
    try:
        return Status(201, rows.create(secret, actor))
    except rows.AlreadyTakenError as error:
        raise ConflictError(_("A secret with this key already exists."), code="taken") from error


@router.get("/{int:secret_id}", response=answers({200: SecretShown}, 403, 404), summary="Read a secret")
def get_secret(request: HttpRequest, secret_id: int) -> Any:
    return allowed_row(Secret.objects.all(), caller(request), Role.ADMIN, pk=secret_id)


@router.put(
    "/{int:secret_id}", response=answers({200: SecretShown}, 403, 404, 422), summary="Change a secret"
)
def update_secret(request: HttpRequest, secret_id: int, body: SecretFields) -> Any:
    actor = caller(request)
    secret = allowed_row(Secret.objects.all(), actor, Role.ADMIN, pk=secret_id)
    columns = body.model_dump(include=body.model_fields_set)
    if "description" in columns:
        columns["description"] = columns["description"] or ""
    return rows.change(secret, columns, actor)


@router.delete("/{int:secret_id}", response=answers({204: None}, 403, 404), summary="Delete a secret")
def delete_secret(request: HttpRequest, secret_id: int) -> Any:
    actor = caller(request)
    rows.delete(allowed_row(Secret.objects.all(), actor, Role.ADMIN, pk=secret_id), actor)
    return Status(204, None)
