"""The API at /api/tenants, which has their members as well."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from common.masked_input import unmasked
from common.redact import mask_url
from common.rest.answers import answers
from common.rest.fields import Fields, Flag, WebAddress, schema_of_column
from common.rest.paging import PageOf, PageQuery, page_of
from common.rest.problems import ConflictError, NotFoundError, invalid
from tenants import rows
from tenants.access import Actor
from tenants.api.auth import caller
from tenants.api.scope import require_role, require_superuser
from tenants.limits import PLATFORM_COLUMNS
from tenants.models import Role, Tenant, TenantMember

router = Router(tags=["Tenants"])
RoleName = Literal["viewer", "operator", "admin"]
TenantName = Annotated[str, schema_of_column(Tenant, "name")]


class TenantFields(Fields):
    name: TenantName = ""
    is_enabled: bool = True
    max_running: Annotated[int, schema_of_column(Tenant, "max_running")] | None = None
    """How many runs may run at once. null is the platform's setting, `TENANT_MAX_RUNNING`."""
    max_tasks: Annotated[int, schema_of_column(Tenant, "max_tasks")] | None = None
    """How many tasks it may have. null is the platform's setting, `TENANT_MAX_TASKS`."""
    alert_webhook: WebAddress | None = None
    """The address for alerts about a channel or the tenant. It is returned masked."""


class TenantNew(TenantFields):
    model_config = {"json_schema_extra": {"examples": [{"code": "acme", "name": "Acme"}]}}

    code: Annotated[str, schema_of_column(Tenant, "code")]
    name: TenantName


class TenantFilters(PageQuery):
    is_enabled: Flag | None = None
    ordering: Literal["code", "-code", "name", "-name"] = "code"


class TenantShown(Schema):
    code: str
    name: str
    is_enabled: bool
    max_running: int | None
    max_tasks: int | None
    alert_webhook: str
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_alert_webhook(tenant: Tenant) -> str:
        return mask_url(tenant.alert_webhook) if tenant.alert_webhook else ""


class MemberNew(Fields):
    model_config = {"json_schema_extra": {"examples": [{"username": "zhang", "role": "operator"}]}}

    username: Annotated[str, StringConstraints(min_length=1, max_length=150)]
    role: RoleName


class MemberShown(Schema):
    username: str = Field(validation_alias="user.username")
    role: str


@router.get("", response=answers({200: PageOf[TenantShown]}, 422), summary="List tenants")
def list_tenants(request: HttpRequest, query: Query[TenantFilters]) -> Any:
    """Superusers see all tenants, others those they are members of."""
    found = _visible(caller(request)).order_by(query.ordering)
    if query.is_enabled is not None:
        found = found.filter(is_enabled=query.is_enabled)
    return page_of(found.filter(name__icontains=query.search), query)


def _visible(actor: Actor) -> QuerySet[Tenant]:
    found = Tenant.objects.all()
    return found if actor.everything else found.filter(code__in=list(actor.roles))


def _tenant(code: str, actor: Actor) -> Tenant:
    tenant = _visible(actor).filter(code=code).first()
    if tenant is None:
        raise NotFoundError
    return tenant


@router.post("", response=answers({201: TenantShown}, 403, 409, 422), summary="Create a tenant")
def create_tenant(request: HttpRequest, body: TenantNew) -> Any:
    """Only superusers may create a tenant."""
    actor = caller(request)
    require_superuser(actor)
    tenant = Tenant(**_columns(Tenant(), body))
    try:
        return Status(201, rows.create(tenant, actor))
    except rows.AlreadyTakenError as error:
        raise ConflictError(_("A tenant with this code already exists."), code="taken") from error


def _columns(tenant: Tenant, sent: TenantFields) -> dict[str, Any]:
    columns = sent.model_dump(include=sent.model_fields_set)
    if "alert_webhook" in columns:
        url = columns["alert_webhook"] or ""
        columns["alert_webhook"] = unmasked("alert_webhook", url, tenant.alert_webhook)
    return columns


@router.get("/{code}", response=answers({200: TenantShown}, 404), summary="Read a tenant")
def get_tenant(request: HttpRequest, code: str) -> Any:
    return _tenant(code, caller(request))


@router.put("/{code}", response=answers({200: TenantShown}, 403, 404, 422), summary="Change a tenant")
def update_tenant(request: HttpRequest, code: str, body: TenantFields) -> Any:
    """Only superusers may change the limits and whether the tenant is enabled. The code cannot be changed, because rows
    name their tenant by it."""
    actor = caller(request)
    tenant = _tenant(code, actor)
    require_role(actor, Role.ADMIN, tenant.code)
    columns = _columns(tenant, body)
    if any(columns.get(name, getattr(tenant, name)) != getattr(tenant, name) for name in PLATFORM_COLUMNS):
        require_superuser(actor)
    return rows.change(tenant, columns, actor)


@router.delete("/{code}", response=answers({204: None}, 403, 404, 409), summary="Delete a tenant")
def delete_tenant(request: HttpRequest, code: str) -> Any:
    """Only superusers may delete a tenant. The status is 409 while it has tasks or channels."""
    actor = caller(request)
    tenant = _tenant(code, actor)
    require_superuser(actor)
    try:
        rows.delete(tenant, actor)
    except rows.RowInUseError as error:
        text = _("The tenant still has: %(names)s") % {"names": ", ".join(error.names)}
        raise ConflictError(text, code="in_use") from error
    return Status(204, None)


@router.get("/{code}/members", response=answers({200: PageOf[MemberShown]}, 404, 422), summary="List members")
def list_members(request: HttpRequest, code: str, query: Query[PageQuery]) -> Any:
    tenant = _tenant(code, caller(request))
    members = TenantMember.objects.filter(tenant=tenant, user__username__icontains=query.search)
    return page_of(members.select_related("user").order_by("user__username"), query)


@router.post(
    "/{code}/members",
    response=answers({201: MemberShown, 200: MemberShown}, 403, 404, 422),
    summary="Add a member",
)
def add_member(request: HttpRequest, code: str, body: MemberNew) -> Any:
    """If the user is a member already, the role is set and the status is 200."""
    actor = caller(request)
    tenant = _tenant(code, actor)
    require_role(actor, Role.ADMIN, tenant.code)
    user = User.objects.filter(username=body.username).first()
    if user is None:
        raise invalid("username", _("The user “%(name)s” does not exist.") % {"name": body.username})
    member = TenantMember.objects.filter(tenant=tenant, user=user).first()
    if member is not None:
        return Status(200, rows.change(member, {"role": body.role}, actor))
    try:
        return Status(201, rows.create(TenantMember(tenant=tenant, user=user, role=body.role), actor))
    except rows.AlreadyTakenError:  # somebody else has added the user since we looked
        return add_member(request, code, body)


@router.delete(
    "/{code}/members/{username}", response=answers({204: None}, 403, 404), summary="Remove a member"
)
def remove_member(request: HttpRequest, code: str, username: str) -> Any:
    """The user's tokens can no longer be used in this tenant."""
    actor = caller(request)
    tenant = _tenant(code, actor)
    require_role(actor, Role.ADMIN, tenant.code)
    member = TenantMember.objects.filter(tenant=tenant, user__username=username).first()
    if member is None:
        raise NotFoundError
    rows.delete(member, actor)
    return Status(204, None)
