"""What a tenant may have going, held where its runs begin: two beats may have published side by side.

Its `max_running`, and while there are other tenants its share of the queue's slots (shares.py).
"""

from __future__ import annotations

from collections.abc import Iterator

import redis
from django.db.models import Q, QuerySet

from common.framework.rows import Rows
from scheduling.lifecycle.publish import KINDS, QUEUES
from scheduling.lifecycle.tenant_shares import SHARES
from scheduling.models import Run, RunStatus
from tenants.models import Tenant

TENANTS = Rows(Tenant, only=["max_running"])
CLOSE = 16  # to a limit: so many claims may be made at once, and none sees the others


def holds(run: Run) -> bool:
    """Asked without a lock: most tenants have room enough, and all their claims would stand in line.

    Not of a number that somebody has given to this tenant: each process makes up to CLOSE claims at once, and it is
    kept exactly.
    """
    has_own = run.tenant is not None and run.tenant.max_running is not None
    return has_own or any(
        most < CLOSE or going.count() + CLOSE > most for most, going in _limits(run, run.tenant)
    )


def has_room(run: Run) -> bool:
    """May one more of the tenant's runs start? Its lock is held until the claim is committed."""
    tenant = TENANTS.find(lock=True, code=run.tenant_id) if run.tenant_id is not None else None
    return all(going.count() < most for most, going in _limits(run, tenant))


def _limits(run: Run, tenant: Tenant | None) -> Iterator[tuple[int, QuerySet[Run]]]:
    """How many may be going, and those that are."""
    if tenant is not None and (tenant.max_running is not None or _has_slots_for(tenant.running_limit)):
        yield tenant.running_limit, _going(run)
    most = _most(run)
    if most is not None:
        yield most, _going(run).filter(_on_queue(run))


def _has_slots_for(most: int) -> bool:
    """Whether there are more slots than the platform gives a tenant: else nothing has to be counted."""
    try:
        return SHARES.slots() > most
    except redis.RedisError:
        return True


def _most(run: Run) -> int | None:
    """None also where Redis, which knows the slots, is away: who is to be claimed has come from there before that."""
    try:
        return SHARES.most(QUEUES[run.execution_type])
    except redis.RedisError:
        return None


def _going(run: Run) -> QuerySet[Run]:
    return Run.objects.filter(Q(tenant_id=run.tenant_id), status=RunStatus.RUNNING).order_by()


def _on_queue(run: Run) -> Q:
    return Q(execution_type__in=KINDS[QUEUES[run.execution_type]])
