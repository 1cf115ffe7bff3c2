"""Two tenants, their users and a few rows: the beginning of tests of who may see and do what."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from notifications.channel_types import DINGTALK_BOT
from notifications.models import NotifyChannel
from scheduling.acts import tasks
from scheduling.kinds.script.kind import SCRIPT
from scheduling.models import ScheduledTask
from tenants.access import SYSTEM
from tenants.models import Role, Tenant, TenantMember

ROBOT_TOKEN = "0123456789abcdef-robot-token"
SIGN_SECRET = "SEC0123456789abcdef-sign"
ROBOT_URL = f"https://oapi.dingtalk.com/robot/send?access_token={ROBOT_TOKEN}"


@dataclass(frozen=True)
class World:
    ours: Tenant
    theirs: Tenant
    channel: NotifyChannel
    their_channel: NotifyChannel
    task: ScheduledTask
    their_task: ScheduledTask
    global_task: ScheduledTask

    def client(self, name: str, language: str = "en") -> Client:
        """Return a client logged in as `superuser`, or as `viewer`, `operator` or `admin` of our tenant."""
        client = Client(headers={"accept-language": language})
        client.force_login(User.objects.get(username=name))
        return client


def world() -> World:
    ours, theirs = tenant("ours", "Our team"), tenant("theirs", "Their team")
    User.objects.create_superuser("superuser", password="superuser")
    for role in Role.values:
        user = User.objects.create_user(role, password=role, is_staff=True)
        TenantMember.objects.create(user=user, tenant=ours, role=role)
    return World(
        ours,
        theirs,
        channel(ours, "our group"),
        channel(theirs, "their group"),
        task(ours, "our report"),
        task(theirs, "their report"),
        task(None, "everybody's report"),
    )


def tenant(code: str, name: str) -> Tenant:
    return Tenant.objects.create(code=code, name=name)


def channel(tenant: Tenant, name: str) -> NotifyChannel:
    return NotifyChannel.objects.create(
        tenant=tenant,
        channel_name=name,
        channel_type=DINGTALK_BOT.name,
        webhook_url=ROBOT_URL,
        sign_secret=SIGN_SECRET,
    )


def task(tenant: Tenant | None, name: str) -> ScheduledTask:
    row = ScheduledTask(
        tenant=tenant,
        task_name=name,
        time_points=["08:00"],
        execution_type=SCRIPT.name,
        script_content="result = 'done'",
    )
    return tasks.create(row, SYSTEM, timezone.now())


def page(row: Model, name: str = "change") -> str:
    """Return the URL of the row's page in the admin, or of one of its actions."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def listing(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
