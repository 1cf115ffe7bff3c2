"""The actor of a request to the admin, and the tenants in which it has a role."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpRequest

from tenants.access import Actor, actor_of
from tenants.api.auth import remote_addr
from tenants.models import Role, Tenant

ACTOR_ATTRIBUTE = "_platform_actor"
NOBODY = Actor("", 0, everything=False, roles={})


def actor(request: HttpRequest) -> Actor:
    """Return the request's actor, looked up once for each request; NOBODY before the log-in."""
    found: Actor | None = getattr(request, ACTOR_ATTRIBUTE, None)
    if found is None:
        known = request.user.is_authenticated  # the log-in page asks as well
        found = actor_of(request.user, remote_addr=remote_addr(request)) if known else NOBODY
        setattr(request, ACTOR_ATTRIBUTE, found)
    return found


def tenant_codes(who: Actor, role: Role) -> list[str]:
    """List the codes of the tenants where the actor has at least this role by membership."""
    return [code for code in who.roles if who.may(role, code)]


def has_role_anywhere(who: Actor, role: Role) -> bool:
    return who.everything or bool(tenant_codes(who, role))


def tenants_of(who: Actor, role: Role) -> QuerySet[Tenant]:
    return Tenant.objects.all() if who.everything else Tenant.objects.filter(code__in=tenant_codes(who, role))
