"""API tokens, which are shown once and kept as a hash."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q

from common.crypto import hash_token
from common.ruled import check_columns
from tenants import audit, rows
from tenants.access import Actor
from tenants.models import ApiToken, Tenant

PREFIX = "ptk_"


def issue(
    user: User,
    name: str,
    actor: Actor,
    *,
    tenant: Tenant | None = None,
    role: str = "",
    expires_at: datetime | None = None,
    plain: str = "",
) -> tuple[ApiToken, str]:
    """Return a new row and the only copy of its token. Raises ValidationError.

    If the actor itself came with a token, the new one is revoked together with that.
    """
    plain = plain or PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(
        user=user,
        name=name,
        prefix=plain[:8],
        token_hash=hash_token(plain),
        tenant=tenant,
        role=role,
        expires_at=expires_at,
        made_by_id=actor.token_id,
    )
    check_columns(row, ["name", "role", "expires_at"])
    with transaction.atomic():
        row.save(force_insert=True)
        audit.record(actor, "create", row, audit.difference({}, audit.loggable_values(row)))
    return row, plain


def revoke(row: ApiToken, actor: Actor) -> None:
    """Delete a token and all tokens that were made with it, each with its audit entry."""
    with transaction.atomic():
        for issued in row.made.all():
            revoke(issued, actor)
        rows.delete(row, actor)


def revoke_all(user: User, actor: Actor) -> None:
    """Delete all tokens of the user, and those that were made with them."""
    with transaction.atomic():
        while row := ApiToken.objects.filter(user=user).order_by("pk").first():
            revoke(row, actor)


def find(plain: str, now: datetime) -> ApiToken | None:
    """Return the row of a valid token of an active user, None for any other token.

    `last_used_at` is kept only to the minute, so that it is not written at each call.
    """
    valid = Q(expires_at=None) | Q(expires_at__gt=now)
    row = (
        ApiToken.objects.select_related("user", "tenant")
        .filter(valid, token_hash=hash_token(plain), user__is_active=True)
        .first()
    )
    if row and (row.last_used_at is None or now - row.last_used_at > timedelta(minutes=1)):
        ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
    return row
