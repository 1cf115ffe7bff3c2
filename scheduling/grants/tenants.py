"""The grants `get_tenants`, `get_tenant_config`, `get_all_tenant_configs`: a tenant's task sees only its own tenant."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import QuerySet

from tenants.models import Tenant, TenantConfig


class Tenants:
    """`hide` masks each secret value that is handed out."""

    def __init__(self, tenant_id: str | None, hide: Callable[[str], None]) -> None:
        self.tenant_id, self.hide = tenant_id, hide

    def get_tenants(self) -> list[dict[str, str]]:
        rows = Tenant.objects.filter(is_enabled=True)
        if self.tenant_id is not None:
            rows = rows.filter(code=self.tenant_id)
        return [{"code": code, "name": name} for code, name in rows.values_list("code", "name")]

    def get_tenant_config(self, tenant_id: str, app_code: str, key: str) -> str | None:
        return self._values(app_code, key).get(tenant_id)

    def get_all_tenant_configs(self, app_code: str, key: str) -> dict[str, str]:
        return self._values(app_code, key)

    def _values(self, app_code: str, key: str) -> dict[str, str]:
        rows: QuerySet[TenantConfig] = TenantConfig.objects.filter(app_code=app_code, config_key=key)
        if self.tenant_id is not None:
            rows = rows.filter(tenant_id=self.tenant_id)
        for row in rows:
            if row.is_secret:
                self.hide(row.value)
        return {row.tenant_id: row.value for row in rows}
