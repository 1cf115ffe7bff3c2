"""The API at /api/tenant-configs."""

from __future__ import annotations

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
from tenants.api.scope import allowed_row, rows_for_role, sole_tenant_of_new
from tenants.models import Role, TenantConfig
from tenants.secret_names import is_secret_name

router = Router(tags=["Tenant settings"])


class ConfigFields(Fields):
    value: Annotated[str, schema_of_column(TenantConfig, "value")] | None = None
    """null clears it."""
    is_secret: bool | None = None
    """The value of a secret is never returned, only whether it is set: `value_set`. null lets the key's name decide:
    one that ends in key, token, secret or password is secret."""


class ConfigNew(ConfigFields):
    model_config = {
        "json_schema_extra": {
            "examples": [
                {"tenant_id": "default", "app_code": "crm", "config_key": "base_url", "value": "https://…"}
            ]
        }
    }

    tenant_id: Code = ""
    """If left out, it is the caller's tenant, where the caller has just one."""
    app_code: Annotated[str, schema_of_column(TenantConfig, "app_code")]
    config_key: Annotated[str, schema_of_column(TenantConfig, "config_key")]


class ConfigFilters(PageQuery):
    tenant_id: Words | None = None
    app_code: Words | None = None
    config_key: Words | None = None
    ordering: Literal["id", "-id", "config_key", "-config_key"] = "id"


class ConfigShown(Schema):
    id: int
    tenant_id: str
    app_code: str
    config_key: str
    value: str | None
    value_set: bool
    is_secret: bool

    @staticmethod
    def resolve_value(row: TenantConfig) -> str | None:
        return None if row.is_secret else row.value

    @staticmethod
    def resolve_value_set(row: TenantConfig) -> bool:
        return bool(row.value)


@router.get("", response=answers({200: PageOf[ConfigShown]}, 403, 422), summary="List settings")
def list_configs(request: HttpRequest, query: Query[ConfigFilters]) -> Any:
    """Only a tenant's administrators see its settings. `search` looks for a text in the key."""
    found = rows_for_role(Role.ADMIN, TenantConfig.objects.order_by(query.ordering, "id"), caller(request))
    equals = query.model_dump(include={"tenant_id", "app_code", "config_key"}, exclude_none=True)
    return page_of(found.filter(config_key__icontains=query.search, **equals), query)


@router.post("", response=answers({201: ConfigShown}, 403, 409, 422), summary="Create a setting")
def create_config(request: HttpRequest, body: ConfigNew) -> Any:
    actor = caller(request)
    columns = body.model_dump() | {
        "tenant_id": sole_tenant_of_new(body, actor),
        "value": body.value or "",
    }
    try:
        return Status(201, rows.create(TenantConfig(**columns), actor))
    except rows.AlreadyTakenError as error:
        raise ConflictError(_("The tenant already has this key."), code="taken") from error


@router.get("/{int:config_id}", response=answers({200: ConfigShown}, 403, 404), summary="Read a setting")
def get_config(request: HttpRequest, config_id: int) -> Any:
    return allowed_row(TenantConfig.objects.all(), caller(request), Role.ADMIN, pk=config_id)


@router.put(
    "/{int:config_id}", response=answers({200: ConfigShown}, 403, 404, 422), summary="Change a setting"
)
def update_config(request: HttpRequest, config_id: int, body: ConfigFields) -> Any:
    """If a secret setting is made readable, its value is cleared unless a new one is sent."""
    actor = caller(request)
    row = allowed_row(TenantConfig.objects.all(), actor, Role.ADMIN, pk=config_id)
    columns = body.model_dump(include=body.model_fields_set)
    if columns.get("is_secret", False) is None:
        columns["is_secret"] = is_secret_name(row.config_key)
    if "value" in columns or (row.is_secret and not columns.get("is_secret", True)):
        columns["value"] = columns.get("value") or ""
    return rows.change(row, columns, actor)


@router.delete("/{int:config_id}", response=answers({204: None}, 403, 404), summary="Delete a setting")
def delete_config(request: HttpRequest, config_id: int) -> Any:
    actor = caller(request)
    rows.delete(allowed_row(TenantConfig.objects.all(), actor, Role.ADMIN, pk=config_id), actor)
    return Status(204, None)
