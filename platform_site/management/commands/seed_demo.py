"""`manage.py seed_demo`: makes a tenant with a task of each kind and a month of runs; --remove takes it away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, no_translations
from django.db import transaction
from django.utils import timezone

from notifications.channel_types import DINGTALK_BOT
from notifications.models import NotifyChannel
from platform_site import importing
from platform_site.importing.demo_month import make_month
from platform_site.importing.document import read_document
from platform_site.importing.plan import carry_out, plan
from scheduling.acts import channels as channel_acts
from scheduling.acts import runs
from scheduling.acts import tasks as task_acts
from scheduling.models import ScheduledTask
from tenants import rows
from tenants.access import SYSTEM
from tenants.models import Tenant

DOCUMENT = Path(importing.__file__).with_name("demo.yaml")
TENANT, CHANNEL = "demo", "Demo group"
ROBOT = "https://oapi.dingtalk.com/robot/send?access_token=put-in-your-own"


class Command(BaseCommand):
    help = (
        "Creates the tenant “demo” with a task of each kind and a month of runs; its channel is "
        "disabled until it has a robot's address."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--remove", action="store_true", help="delete the tasks, the channel and the tenant"
        )

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            result = _remove() if options["remove"] else _make()
        self.stdout.write(result)


def _make() -> str:
    """Make what is missing of the demo. What is there already stays as its user has made it."""
    now = timezone.now()
    tenant = Tenant.objects.filter(code=TENANT).first() or rows.create(
        Tenant(code=TENANT, name="Demo"), SYSTEM
    )
    if not NotifyChannel.objects.filter(tenant=tenant, channel_name=CHANNEL).exists():
        channel = NotifyChannel(tenant=tenant, channel_name=CHANNEL, webhook_url=ROBOT, is_enabled=False)
        channel.channel_type = DINGTALK_BOT.name
        rows.create(channel, SYSTEM)
    kept = list(ScheduledTask.objects.filter(tenant=tenant).values_list("pk", flat=True))
    steps = plan(read_document(DOCUMENT.read_text(encoding="utf-8")), {}, now)
    carry_out([step for step in steps if step.act == "create"], now)
    new = list(ScheduledTask.objects.filter(tenant=tenant).exclude(pk__in=kept).order_by("pk"))
    past = make_month(new, NotifyChannel.objects.get(tenant=tenant, channel_name=CHANNEL), now)
    if new:
        runs.run_now(new[0], SYSTEM, now)
    return (
        f"{len(new)} tasks with {past} past runs were created in the tenant “{TENANT}”; "
        "delete them with --remove."
    )


def _remove() -> str:
    now = timezone.now()
    tasks = ScheduledTask.objects.filter(tenant_id=TENANT)
    count = len(tasks)
    for task in tasks:
        task_acts.delete(task.pk, SYSTEM, now)
    for channel in NotifyChannel.objects.filter(tenant_id=TENANT):
        channel_acts.delete(channel, SYSTEM)
    for tenant in Tenant.objects.filter(code=TENANT):
        rows.delete(tenant, SYSTEM)
    return f"{count} tasks were deleted; their runs stay until they are pruned."
