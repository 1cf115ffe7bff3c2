"""Endpoints under /api/script-vars: what scripts keep from run to run."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from common.rest.answers import answers
from common.rest.fields import Code, Fields, Id, Words, schema_of_column
from common.rest.paging import PageOf, PageQuery, page_of
from common.rest.problems import ConflictError, invalid
from scheduling.models import ScheduledTask, ScriptVar
from scheduling.models.variable import scope_key
from tenants import rows
from tenants.access import Actor, visible_to
from tenants.api.auth import caller
from tenants.api.scope import allowed_row, require_role, tenant_of_new, visible_row, writable_tenant
from tenants.models import Role

router = Router(tags=["Script variables"])
EXAMPLE: dict[str, Any] = {"task_id": 1, "var_key": "last_id", "var_value": 42}


class VarChange(Fields):
    var_value: Any = Field(description="Any JSON value of at most 64 KiB.")


class VarNew(VarChange):
    model_config = {"json_schema_extra": {"examples": [EXAMPLE]}}

    tenant_id: Code | None = None
    """The tenant whose tasks share the variable; with `task_id` it is the task's tenant."""
    task_id: Id | None = None
    var_key: Annotated[str, schema_of_column(ScriptVar, "var_key")]


class VarFilters(PageQuery):
    tenant_id: Words | None = None
    task_id: Id | None = None
    ordering: Literal["id", "-id", "var_key", "-var_key"] = "id"


class VarShown(Schema):
    id: int
    tenant_id: str | None
    task_id: int | None
    var_key: str
    var_value: Any
    updated_at: datetime


@router.get("", response=answers({200: PageOf[VarShown]}, 422), summary="List variables")
def list_vars(request: HttpRequest, query: Query[VarFilters]) -> Any:
    """`search` looks in the key."""
    found = visible_to(ScriptVar.objects.order_by(query.ordering, "id"), caller(request))
    equals = query.model_dump(include={"tenant_id", "task_id"}, exclude_none=True)
    return page_of(found.filter(var_key__icontains=query.search, **equals), query)


@router.post("", response=answers({201: VarShown}, 403, 409, 422), summary="Create a variable")
def create_var(request: HttpRequest, body: VarNew) -> Any:
    actor = caller(request)
    tenant_id = _owner(body, actor)
    row = ScriptVar(
        tenant_id=tenant_id,
        task_id=body.task_id,
        var_key=body.var_key,
        var_value=body.var_value,
        scope_key=scope_key(tenant_id, body.task_id, body.var_key),
    )
    try:
        return Status(201, rows.create(row, actor))
    except rows.AlreadyTakenError as error:
        raise ConflictError(_("A variable with this key already exists."), code="taken") from error


def _owner(body: VarNew, actor: Actor) -> str | None:
    if body.task_id is None:
        return tenant_of_new(body, actor)
    task = visible_to(ScheduledTask.objects.all(), actor).filter(pk=body.task_id).first()
    if task is None:
        raise invalid("task_id", _("Task %(id)d does not exist.") % {"id": body.task_id})
    if body.tenant_id is not None and writable_tenant(body.tenant_id, actor) != task.tenant_id:
        raise invalid("tenant_id", _("The task belongs to another tenant."))
    require_role(actor, Role.ADMIN, task.tenant_id)
    return task.tenant_id


@router.get("/{int:var_id}", response=answers({200: VarShown}, 404), summary="Read a variable")
def get_var(request: HttpRequest, var_id: int) -> Any:
    return visible_row(ScriptVar.objects.all(), caller(request), pk=var_id)


@router.put("/{int:var_id}", response=answers({200: VarShown}, 403, 404, 422), summary="Set a variable")
def update_var(request: HttpRequest, var_id: int, body: VarChange) -> Any:
    actor = caller(request)
    row = allowed_row(ScriptVar.objects.all(), actor, Role.ADMIN, pk=var_id)
    return rows.change(row, {"var_value": body.var_value}, actor)


@router.delete("/{int:var_id}", response=answers({204: None}, 403, 404), summary="Delete a variable")
def delete_var(request: HttpRequest, var_id: int) -> Any:
    actor = caller(request)
    rows.delete(allowed_row(ScriptVar.objects.all(), actor, Role.ADMIN, pk=var_id), actor)
    return Status(204, None)
