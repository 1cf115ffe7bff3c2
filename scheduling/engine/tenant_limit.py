"""A tenant's `max_running` where its runs begin: two beats that published side by side may have sent one too many."""

from __future__ import annotations

from common.rows import Rows
from scheduling.models import Run, RunStatus
from tenants.models import Tenant

TENANTS = Rows(Tenant, only=["max_running"])


def holds(run: Run) -> bool:
    """Asked without a lock: most tenants have no limit, and all their claims would stand in line."""
    return run.tenant is not None and run.tenant.max_running is not None


def has_room(run: Run) -> bool:
    """May one more of the tenant's runs start? Its lock is held until the claim is committed."""
    if run.tenant_id is None:
        return True
    tenant = TENANTS.find(lock=True, code=run.tenant_id)
    if tenant is None or tenant.max_running is None:
        return True
    running = Run.objects.filter(status=RunStatus.RUNNING, tenant_id=run.tenant_id).order_by()
    return running.count() < tenant.max_running
