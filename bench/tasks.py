"""Tasks of many tenants, of which some are due in the same second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from common.redis_client import client
from scheduling.models import Run, ScheduledTask
from tenants.models import Tenant

TENANTS, EXPRESSIONS = 100, 60
AT_ONCE = 2000


def fill(enabled: int, due: int, lead: timedelta) -> datetime:
    """`due` of `enabled` tasks are due at the instant returned, at least `lead` after the last row is written.

    Due by 60 cron expressions that all name the instant; the others come hours later.
    """
    Run.objects.all().delete()
    ScheduledTask.objects.all().delete()
    client().flushdb()
    codes = [f"t{n}" for n in range(TENANTS)]
    Tenant.objects.bulk_create([Tenant(code=code, name=code) for code in codes], ignore_conflicts=True)
    now = datetime.now(UTC)
    for first in range(due, enabled, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, enabled))
        ScheduledTask.objects.bulk_create(
            _task(n, now + timedelta(hours=5, minutes=n % 600)) for n in numbers
        )
    at = _instant(
        lead + timedelta(milliseconds=due)
    )  # a thousand rows are written in much less than a second
    for first in range(0, due, AT_ONCE):
        ScheduledTask.objects.bulk_create(_task(n, at) for n in range(first, min(first + AT_ONCE, due)))
    return at


def _instant(lead: timedelta) -> datetime:
    """A full second: what is due all at once is so in a fraction of it."""
    return (datetime.now(UTC) + lead + timedelta(seconds=1)).replace(microsecond=0)


def _task(n: int, at: datetime) -> ScheduledTask:
    return ScheduledTask(
        task_name=f"task {n}",
        tenant_id=f"t{n % TENANTS}",
        schedule_type="cron",
        cron_expression=expression(at, n % EXPRESSIONS),
        timezone="UTC",
        script_content="result = None",
        next_run_at=at,
    )


def expression(at: datetime, n: int) -> str:
    """The n-th of 60 expressions that name `at`: every so many hours, some days, some months."""
    seconds = f"{at.second} " if at.second else ""
    hours = "*" if n % 2 else f"{max(0, at.hour - n % 5)}-{at.hour}"
    days = "*" if n % 3 else f"{max(1, at.day - n % 4)}-{at.day},{(at.day + n) % 28 + 1}"
    months = "*" if n % 7 else f"{at.month},{n % 12 + 1}"
    minutes = f"{at.minute},{(at.minute + n) % 60}"
    return f"{seconds}{minutes} {hours} {days} {months} *"
