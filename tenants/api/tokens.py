"""The API at /api/tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field, StringConstraints

from common.rest.answers import answers
from common.rest.fields import Code, Fields, Moment, schema_of_column
from common.rest.paging import PageOf, PageQuery, page_of
from common.rest.problems import ForbiddenError, NotFoundError, invalid
from tenants import tokens
from tenants.access import RANK, Actor
from tenants.api.auth import caller
from tenants.api.scope import tenant_named_in
from tenants.models import ApiToken, Role, Tenant

router = Router(tags=["Tokens"])


class TokenNew(Fields):
    model_config = {
        "json_schema_extra": {"examples": [{"name": "CI", "tenant_id": "default", "role": "operator"}]}
    }

    name: Annotated[str, schema_of_column(ApiToken, "name")]
    username: Annotated[str, StringConstraints(min_length=1, max_length=150)] | None = None
    """The user of the token. If left out, it is the caller; only superusers may name somebody else."""
    tenant_id: Code | None = None
    """The only tenant that the token is valid for. It is needed unless the caller is a superuser."""
    role: Literal["viewer", "operator", "admin"] | None = None
    """The token grants at most this role."""
    expires_at: Moment | None = None


class TokenFilters(PageQuery):
    ordering: Literal["id", "-id"] = "-id"


class TokenShown(Schema):
    id: int
    name: str
    username: str = Field(validation_alias="user.username")
    prefix: str
    tenant_id: str | None
    role: str
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class TokenIssued(TokenShown):
    token: str = Field(description="The token. It is shown only this once; only its hash is stored.")


def _visible(actor: Actor) -> QuerySet[ApiToken]:
    """Return the tokens that the actor sees: its own, or all of them for a superuser.

    An actor that came with a token sees only tokens for its own tenants.
    """
    found = ApiToken.objects.select_related("user")
    if actor.may(Role.ADMIN, None):
        return found
    found = found.filter(user_id=actor.user_id)
    return found.filter(tenant_id__in=list(actor.roles)) if actor.token_prefix else found


@router.get("", response=answers({200: PageOf[TokenShown]}, 422), summary="List tokens")
def list_tokens(request: HttpRequest, query: Query[TokenFilters]) -> Any:
    found = _visible(caller(request)).filter(name__icontains=query.search)
    return page_of(found.order_by(query.ordering), query)


@router.post("", response=answers({201: TokenIssued}, 403, 422), summary="Issue a token")
def create_token(request: HttpRequest, body: TokenNew) -> Any:
    """A token has no more rights than its caller. One created with another token expires and is revoked with it."""
    actor = caller(request)
    tenant_id = tenant_named_in(body, actor)
    user, tenant = _holder(body, actor), _tenant(tenant_id)
    role = _role(body, tenant_id, actor)
    if actor.token_expires_at and (body.expires_at is None or body.expires_at > actor.token_expires_at):
        raise ForbiddenError(_("A token can't create a token that expires later than itself."))
    row, plain = tokens.issue(user, body.name, actor, tenant=tenant, role=role, expires_at=body.expires_at)
    row.token = plain  # type: ignore[attr-defined]
    return Status(201, row)


def _holder(body: TokenNew, actor: Actor) -> User:
    username = body.username or actor.username
    if username != actor.username and not actor.may(Role.ADMIN, None):
        raise ForbiddenError(_("Only a superuser can create tokens for other users."))
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise invalid("username", _("The user “%(name)s” does not exist.") % {"name": username})
    return user


def _tenant(code: str | None) -> Tenant | None:
    if code is None:
        return None
    tenant = Tenant.objects.filter(code=code).first()
    if tenant is None:
        raise invalid("tenant_id", _("The tenant “%(code)s” does not exist.") % {"code": code})
    return tenant


def _role(body: TokenNew, tenant_id: str | None, actor: Actor) -> str:
    """Return the role of a new token, by default the caller's. Raises ForbiddenError for more than the caller has."""
    if actor.may(Role.ADMIN, None):
        return body.role or ""
    if tenant_id is None:
        raise ForbiddenError(_("Only a superuser can create tokens for all tenants."))
    own = actor.role_in(tenant_id)
    role = body.role or own
    if not own or RANK[role] > RANK[own]:
        raise ForbiddenError
    return role


@router.delete("/{int:token_id}", response=answers({204: None}, 404), summary="Revoke a token")
def revoke_token(request: HttpRequest, token_id: int) -> Any:
    """All tokens that were created with it are revoked as well."""
    actor = caller(request)
    row = _visible(actor).filter(pk=token_id).first()
    if row is None:
        raise NotFoundError
    tokens.revoke(row, actor)
    return Status(204, None)
