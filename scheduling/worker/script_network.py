"""What a script's own connections may reach: what every outgoing request may, at the ports that are open to scripts."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings

from common import outbound
from common.http import CancelSwitch, Connections
from sandbox.host.network import NetworkAccess, NetworkLimits
from tenants.models import TenantConfig

APP_CODE, CONFIG_KEY = "script", "network"
OFF = "off"
CONNECT_SECONDS = 30


def access(
    tenant_id: str | None, switch: CancelSwitch, seconds_left: Callable[[], float]
) -> NetworkAccess | None:
    """Return a run's network; None where the operator or the tenant has switched it off."""
    if settings.SCRIPT_NETWORK == OFF or _is_off_for(tenant_id):
        return None
    policy = outbound.policy(connect_seconds=CONNECT_SECONDS, public_ports=settings.SCRIPT_PORTS)
    guard = Connections(policy, switch, seconds_left)
    return NetworkAccess(guard, NetworkLimits(megabytes=settings.SCRIPT_NETWORK_MB))


def _is_off_for(tenant_id: str | None) -> bool:
    if tenant_id is None:
        return False
    rows = TenantConfig.objects.filter(tenant_id=tenant_id, app_code=APP_CODE, config_key=CONFIG_KEY)
    return any(row.value.strip().lower() == OFF for row in rows)
