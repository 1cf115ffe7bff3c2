"""Which rows a call may use: 404 for rows that the caller must not know of, 403 for acts that its role forbids."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from pydantic import BaseModel

from common.rest.problems import ForbiddenError, NotFoundError, invalid
from tenants.access import Actor, visible_to
from tenants.models import Role, Tenant

M = TypeVar("M", bound=Model)


def visible_row(rows: QuerySet[M], actor: Actor, **key: object) -> M:
    """Return the row that `key` names. Raises NotFoundError where the actor sees no such row."""
    row = visible_to(rows, actor).filter(**key).first()
    if row is None:
        raise NotFoundError
    return row


def allowed_row(rows: QuerySet[M], actor: Actor, role: Role, **key: object) -> M:
    """Return the row that `key` names, where the actor has at least this role. Raises NotFoundError, ForbiddenError."""
    row = visible_row(rows, actor, **key)
    require_role(actor, role, getattr(row, "tenant_id"))  # noqa: B009  M says nothing of columns
    return row


def rows_for_role(role: Role, rows: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """Return the rows of tenants in which the actor has at least this role.

    Raises ForbiddenError where there is no such tenant, as the admin's page of these rows does.
    """
    if actor.may(role, None):
        return rows
    codes = [code for code in actor.roles if actor.may(role, code)]
    if not codes:
        raise ForbiddenError
    return rows.filter(tenant_id__in=codes)


def require_role(actor: Actor, role: Role, tenant_id: str | None) -> None:
    if not actor.may(role, tenant_id):
        raise ForbiddenError


def require_superuser(actor: Actor) -> None:
    if not actor.may(Role.ADMIN, None):
        raise ForbiddenError(_("Only a superuser can do this."))


def tenant_named_in(body: BaseModel, actor: Actor) -> str | None:
    """Return the tenant code that a body names; null is global.

    Where it is left out, it is the caller's tenant if the caller has just one, else None.
    """
    named: str | None = getattr(body, "tenant_id")  # noqa: B009  pydantic's base says nothing of fields
    if "tenant_id" in body.model_fields_set or actor.everything or len(actor.roles) != 1:
        return named or None
    return next(iter(actor.roles))


def tenant_of_new(body: BaseModel, actor: Actor, role: Role = Role.ADMIN) -> str | None:
    """Return the tenant of a row to be created; None is global. Raises UnprocessableError, ForbiddenError."""
    return writable_tenant(tenant_named_in(body, actor), actor, role)


def sole_tenant_of_new(body: BaseModel, actor: Actor) -> str:
    """Return the tenant of a row to be created that cannot be global. Raises UnprocessableError, ForbiddenError."""
    code = tenant_named_in(body, actor)
    if code is None:
        raise invalid("tenant_id", _("This field is required."))
    writable_tenant(code, actor)
    return code


def writable_tenant(code: str | None, actor: Actor, role: Role = Role.ADMIN) -> str | None:
    """Return the tenant that a write names, if the actor has the role there; None is global, for superusers.

    Raises UnprocessableError for an unknown tenant, ForbiddenError.
    """
    if code is None:
        require_superuser(actor)
        return None
    known = Tenant.objects.filter(code=code).values_list("code", flat=True).first()
    if known is None:
        raise invalid("tenant_id", _("The tenant “%(code)s” does not exist.") % {"code": code})
    require_role(actor, role, known)
    return known
