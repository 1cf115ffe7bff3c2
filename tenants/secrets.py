"""The secrets that scripts read: a tenant's own first, then global ones that are shared."""

from __future__ import annotations

from django.db.models import Q

from common.framework.rows import Rows
from tenants.models import Secret

SECRETS = Rows(Secret, only=["value"])


def secret_value(tenant_id: str | None, key: str) -> str | None:
    """Return a secret's value, None where there is none.

    A global task, which has no tenant, reads all global secrets, shared or not.
    """
    rows = Secret.objects.filter(_readable_secrets(tenant_id), secret_key=key)
    found = {row.tenant_id: row.value for row in rows}
    return found.get(tenant_id, found.get(None))


def known_values(tenant_id: str | None) -> list[str]:
    """Return every value that must be masked in what a run of this tenant stores."""
    ways: list[dict[str, object]] = [{"tenant": tenant_id}]
    if tenant_id is not None:
        ways.append({"tenant": None, "is_shared": True})
    return [secret.value for secret in SECRETS.any(*ways)]


def _readable_secrets(tenant_id: str | None) -> Q:
    return Q(tenant=None) if tenant_id is None else Q(tenant_id=tenant_id) | Q(tenant=None, is_shared=True)
