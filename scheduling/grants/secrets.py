"""The grant `get_secret`: the value is masked in everything that the run stores from then on."""

from __future__ import annotations

from collections.abc import Callable

from tenants.secrets import secret_value


class Secrets:
    def __init__(self, tenant_id: str | None, hide: Callable[[str], None]) -> None:
        self.tenant_id, self.hide = tenant_id, hide

    def get_secret(self, key: str) -> str:
        value = secret_value(self.tenant_id, key)
        if value is None:
            raise LookupError(f"there is no secret {key!r} for this task; a tenant's admin can add it")
        self.hide(value)
        return value
