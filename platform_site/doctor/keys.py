"""Checks whether the keys open the stored secrets."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import DatabaseError

from common.crypto import UndecryptableError, is_encrypted
from common.fields import keyring
from common.key_rotation import Column, columns
from platform_site.doctor.finding import Finding, ok, problem

FIX = (
    "Append the keys that the secrets were written with to ENCRYPTION_KEYS, after the new "
    "key and a comma, and restart; `manage.py rotate_keys --dry-run` counts the values that "
    "no key can decrypt."
)


def findings() -> Iterator[Finding]:
    """Try the keys on the first and the last value of each encrypted column."""
    try:
        closed = [str(column) for column in columns() if not can_decrypt(column)]
    except DatabaseError:
        return  # the check of the database reports it
    if closed:
        names = ", ".join(closed[:3])
        yield problem("keys", f"ENCRYPTION_KEYS can't decrypt stored secrets: {names}", FIX)
    else:
        yield ok("keys", "ENCRYPTION_KEYS can decrypt the stored secrets")


def can_decrypt(column: Column) -> bool:
    values = column.stored().order_by("pk").values_list("stored", flat=True)
    try:
        for stored in {*values[:1], *values.reverse()[:1]}:
            if is_encrypted(stored):
                keyring().key_of(stored)
    except UndecryptableError:
        return False
    return True
