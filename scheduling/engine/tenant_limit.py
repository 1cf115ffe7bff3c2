"""A tenant's `max_running` where its runs begin: two beats that published side by side may have sent one too many."""

from __future__ import annotations

from common.rows import Rows
from scheduling.models import Run, RunStatus
from tenants.models import Tenant

TENANTS = Rows(Tenant, only=["max_running"])


def holds(run: Run) -> bool:
    """Asked without a lock: most tenants have no limit, and all their claims would stand in line."""
    return _most(run, lock=False) is not None


def has_room(run: Run) -> bool:
    """May one more of the tenant's runs start? Its lock is held until the claim is committed."""
    most = _most(run, lock=True)
    if most is None or run.tenant_id is None:
        return True
    return Run.objects.filter(status=RunStatus.RUNNING, tenant_id=run.tenant_id).order_by().count() < most


def _most(run: Run, *, lock: bool) -> int | None:
    tenant = TENANTS.find(lock=lock, code=run.tenant_id) if run.tenant_id else None
    return tenant.max_running if tenant else None
