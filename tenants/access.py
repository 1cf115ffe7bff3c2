"""Which rows an actor sees and what it may do with them.

An actor is a user, restricted by the token that it came with. A superuser sees everything, others only the tenants
they are members of. Global rows, which have no tenant, belong to superusers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db.models import Model, QuerySet

from tenants.models import ApiToken, Role, TenantMember

RANK = {Role.VIEWER.value: 1, Role.OPERATOR.value: 2, Role.ADMIN.value: 3}
M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Actor:
    username: str
    user_id: int
    everything: bool
    roles: Mapping[str, str]
    max_role: str = Role.ADMIN.value
    token_prefix: str = ""
    token_id: int | None = None
    token_expires_at: datetime | None = None
    remote_addr: str = ""

    def may(self, role: Role, tenant_id: str | None) -> bool:
        """Return whether the actor has at least this role in the tenant; None asks about global rows."""
        return RANK.get(self.role_in(tenant_id), 0) >= RANK[role.value]

    def role_in(self, tenant_id: str | None) -> str:
        """Return the actor's role in the tenant, "" for none; None asks about global rows."""
        own = Role.ADMIN.value if self.everything else self.roles.get(tenant_id or "", "")
        return min(own, self.max_role, key=lambda role: RANK.get(role, 0))

    def sees(self, tenant_id: str | None) -> bool:
        return self.may(Role.VIEWER, tenant_id)


SYSTEM = Actor("system", 0, True, {})


def actor_of(
    user: AbstractBaseUser | AnonymousUser, token: ApiToken | None = None, remote_addr: str = ""
) -> Actor:
    """Make an actor of the user's present memberships, restricted by the token.

    A removed member's token is therefore worth nothing, and a token never adds a right.
    """
    assert isinstance(user, User)
    memberships = TenantMember.objects.filter(user=user, tenant__is_enabled=True)
    roles = {row.tenant.code: row.role for row in memberships.select_related("tenant")}
    everything, max_role = user.is_superuser, Role.ADMIN.value
    if token is not None:
        max_role = token.role or max_role
        if token.tenant is not None:
            own = Role.ADMIN.value if everything else roles.get(token.tenant.code)
            roles, everything = ({token.tenant.code: own} if own else {}), False
    return Actor(
        user.get_username(),
        user.pk,
        everything,
        roles,
        max_role,
        token_prefix=token.prefix if token else "",
        token_id=token.pk if token else None,
        token_expires_at=token.expires_at if token else None,
        remote_addr=remote_addr,
    )


def visible_to(rows: QuerySet[M], actor: Actor) -> QuerySet[M]:
    """Return those of the rows that the actor may see; they must have a `tenant` column."""
    return rows if actor.everything else rows.filter(tenant_id__in=list(actor.roles))
