"""A hundred thousand tasks of a hundred tenants, of which some are due in the same second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet

from scheduling.models import ScheduledTask
from scheduling.tests import history
from tenants.models import Tenant

TENANTS, EXPRESSIONS = 100, 60
FAR = timedelta(hours=12)


def fill(enabled: int) -> None:
    """Insert `enabled` tasks of a hundred tenants, due in half a day by 60 different cron expressions."""
    codes = [f"t{n}" for n in range(TENANTS)]
    Tenant.objects.bulk_create([Tenant(code=code, name=code) for code in codes], ignore_conflicts=True)
    later = datetime.now(UTC).replace(microsecond=0) + FAR
    task = ScheduledTask(
        schedule_type="cron", timezone="UTC", execution_type="script", script_content="result = None"
    )
    columns = {
        "task_name": "CONCAT('task ', n)",
        "tenant_id": f"CONCAT('t', n % {TENANTS})",
        "cron_expression": _expression(later, "n"),
        "next_run_at": history.seconds_after(later, "n % 60 * 60"),
    }
    history.copies(task, enabled, columns)
    history.analyze(ScheduledTask._meta.db_table)


def make_due(due: int, lead: timedelta) -> datetime:
    """Make the first `due` tasks due at the second that is returned, at least `lead` from now."""
    at = (datetime.now(UTC) + lead + timedelta(seconds=1)).replace(microsecond=0)
    first = ScheduledTask.objects.order_by("pk").values_list("pk", flat=True)[0]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {ScheduledTask._meta.db_table} SET cron_expression = {_expression(at, 'id')},"
            " next_run_at = %s WHERE id < %s",
            [at.replace(tzinfo=None), first + due],
        )
    return at


def not_yet_fired(at: datetime) -> QuerySet[ScheduledTask]:
    return ScheduledTask.objects.filter(is_enabled=True, next_run_at=at)


def _expression(at: datetime, number: str) -> str:
    """Return SQL for one of 60 expressions that all name the second `at` and no other within the hour.

    `number` is SQL for the number that chooses the expression.
    """
    hours = ("*", "*/1", f"{at.hour}", f"0-{at.hour}", f"{at.hour},{at.hour}")
    days = ("*", f"{at.day}", f"1-{at.day}", "*/1")
    months = ("*", f"{at.month}", f"1-{at.month}")
    minute = f"{at.second} {at.minute}" if at.second else f"{at.minute}"
    expressions = [f"'{minute} {hours[n % 5]} {days[n % 4]} {months[n % 3]} *'" for n in range(EXPRESSIONS)]
    return f"ELT({number} MOD {EXPRESSIONS} + 1, {', '.join(expressions)})"
