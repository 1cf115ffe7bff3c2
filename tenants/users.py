"""Creates, changes and deletes users together with their audit entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.db import transaction

from tenants import audit, tokens
from tenants.access import Actor

RIGHTS_COLUMNS = ("is_superuser", "is_active", "is_staff")
LOGGED_COLUMNS = ("username", "first_name", "last_name", "email", *RIGHTS_COLUMNS)


class SelfRemovalError(Exception):
    """Users may not delete themselves or take their own rights away: the last superuser would lock everybody out."""


def create(user: User, password: str, actor: Actor) -> User:
    """Validate and insert a user. Raises ValidationError for the name, also for one that is taken, or the password."""
    user.clean_fields(exclude=["password"])
    user.validate_unique()
    validate_password(password, user)
    user.set_password(password)
    with transaction.atomic():
        user.save(force_insert=True)
        audit.record(actor, "create", user, audit.difference({}, _values(user)))
    return user


def change(
    user: User,
    values: Mapping[str, Any],
    password: str | None,
    actor: Actor,
    *,
    revoke_tokens: bool = False,
) -> User:
    """Change a user's columns, which must be of LOGGED_COLUMNS, and its password unless that is None.

    A new password ends the user's sessions. The tokens are revoked only where `revoke_tokens` asks for it.
    Raises ValidationError for the password, SelfRemovalError where the actor would lose rights.
    """
    before = _values(user)
    if user.pk == actor.user_id and not all(values.get(right, True) for right in RIGHTS_COLUMNS):
        raise SelfRemovalError
    for name, value in values.items():
        setattr(user, name, value)
    columns, rewritten = list(values), {}
    if password is not None:
        validate_password(password, user)
        user.set_password(password)
        columns, rewritten = [*columns, "password"], {"password": ["***", "***"]}
    with transaction.atomic():
        user.save(update_fields=columns)
        audit.record(actor, "update", user, audit.difference(before, _values(user)) | rewritten)
        if revoke_tokens:
            tokens.revoke_all(user, actor)
    return user


def delete(user: User, actor: Actor) -> None:
    """Delete a user. Raises SelfRemovalError where it is the actor."""
    if user.pk == actor.user_id:
        raise SelfRemovalError
    with transaction.atomic():
        audit.record(actor, "delete", user)
        user.delete()


def _values(user: User) -> dict[str, Any]:
    return {name: getattr(user, name) for name in LOGGED_COLUMNS}
