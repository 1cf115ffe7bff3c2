"""The limits of a tenant's running runs, held where runs begin: two beats may have published side by side.

They are its `max_running` and, while there are other tenants, its share of the queue's slots (tenant_shares.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import redis
from django.db.models import Q, QuerySet

from common.framework.rows import Rows
from scheduling.kinds import KINDS_ON, QUEUE_OF
from scheduling.lifecycle.tenant_shares import SHARES
from scheduling.models import Run, RunStatus
from tenants.models import Tenant

TENANTS = Rows(Tenant, only=["max_running"])
MARGIN = 16  # this near to a limit: so many claims may be made at once, and none sees the others


def needs_lock(run: Run) -> bool:
    """Return whether the tenant is so close to a limit that the claim needs its lock.

    This is asked without a lock: most tenants have room enough, and with one all their claims would stand in line. A
    tenant with a `max_running` of its own always needs the lock: that number is kept exactly, while each process makes
    up to MARGIN claims at once.
    """
    has_own = run.tenant is not None and run.tenant.max_running is not None
    return has_own or any(
        limit < MARGIN or running.count() + MARGIN > limit for limit, running in _limits(run, run.tenant)
    )


def has_room(run: Run) -> bool:
    """Return whether one more of the tenant's runs may start. Its lock is held until the claim is committed."""
    tenant = TENANTS.find(lock=True, code=run.tenant_id) if run.tenant_id is not None else None
    return all(running.count() < limit for limit, running in _limits(run, tenant))


def _limits(run: Run, tenant: Tenant | None) -> Iterator[tuple[int, QuerySet[Run]]]:
    """Yield each limit, with the running runs that count against it."""
    if tenant is not None and (tenant.max_running is not None or _has_slots_for(tenant.running_limit)):
        yield tenant.running_limit, _running_of_tenant(run)
    max_on_queue = _max_on_queue(run)
    if max_on_queue is not None:
        yield max_on_queue, _running_of_tenant(run).filter(_on_queue(run))


def _has_slots_for(tenant_limit: int) -> bool:
    """Return whether there are more slots than the platform gives a tenant: else nothing has to be counted."""
    try:
        return SHARES.slots() > tenant_limit
    except redis.RedisError:
        return True


def _max_on_queue(run: Run) -> int | None:
    """Return how many runs the tenant may have going on the run's queue, None for no limit.

    None also where Redis, which knows the slots, is away: the run to be claimed was published through it before that.
    """
    try:
        return SHARES.max_of_tenant(QUEUE_OF[run.execution_type])
    except redis.RedisError:
        return None


def _running_of_tenant(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(Q(tenant_id=run.tenant_id), status=RunStatus.RUNNING).order_by()


def _on_queue(run: Run) -> Q:
    return Q(execution_type__in=KINDS_ON[QUEUE_OF[run.execution_type]])
