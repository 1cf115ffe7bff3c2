"""A tenant's `max_running` where its runs begin: two beats that published side by side may have sent one too many."""

from __future__ import annotations

from scheduling.engine.locking import locked
from scheduling.models import Run, RunStatus
from tenants.models import Tenant


def has_room(run: Run) -> bool:
    """May one more of the tenant's runs start? Its lock, where it has a limit, is held until the claim is committed."""
    if run.tenant_id is None:
        return True
    limited = Tenant.objects.filter(code=run.tenant_id, max_running__isnull=False)
    if not limited.exists():  # asked without a lock: most have none, and all their claims would stand in line
        return True
    tenant = locked(limited, skip=False).first()
    running = Run.objects.filter(status=RunStatus.RUNNING, tenant_id=run.tenant_id).order_by().count()
    return tenant is None or tenant.max_running is None or running < tenant.max_running
