"""`manage.py seed_demo`: makes a tenant with a task of each kind to try things on; --remove takes it away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, no_translations
from django.db import transaction
from django.utils import timezone

from notifications.channel_types import DINGTALK_BOT
from notifications.models import NotifyChannel
from platform_site import importing
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
        "Creates the tenant “demo” with a task of each kind; its channel is disabled until it "
        "has a robot's address."
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
    steps = plan(read_document(DOCUMENT.read_text(encoding="utf-8")), {}, now)
    new = [step for step in steps if step.act == "create"]
    carry_out(new, now)
    if new:
        first = ScheduledTask.objects.filter(tenant=tenant).order_by("pk")[0]
        runs.run_now(first, SYSTEM, now)
    return f"{len(new)} tasks were created in the tenant “{TENANT}”; delete them with --remove."


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
