"""A row of each kind in a tenant of one's own, in another, or in none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from notifications.models import Delivery, NotifyChannel, WeComApp
from scheduling.acts import backfills as backfill
from scheduling.acts import hooks
from scheduling.lifecycle.failures import count_failure, fingerprint_of
from scheduling.models import Backfill, Calendar, FailureGroup, Run, RunStatus, ScheduledTask, ScriptVar
from scheduling.tests import make
from tenants.access import SYSTEM
from tenants.models import Secret, Tenant, TenantConfig

PLACES = {"own": "acme", "other": "other", "global": None}
ROBOT = "https://example.com/robot"


@dataclass(frozen=True)
class Place:
    """A row of each kind in one tenant, or in none."""

    code: str | None

    @property
    def tenant(self) -> Tenant | None:
        return Tenant.objects.get(code=self.code) if self.code else None

    def task(self) -> ScheduledTask:
        """Made now: an edit settles what was due since."""
        return make.task(timezone.now(), tenant=self.tenant)

    def dify_task(self) -> ScheduledTask:
        return make.task(
            timezone.now(), tenant=self.tenant, execution_type="dify", dify_url="http://127.0.0.1:1"
        )

    def windows_task(self) -> ScheduledTask:
        return make.windows_task(timezone.now(), tenant=self.tenant)

    def hooked(self) -> ScheduledTask:
        task = self.task()
        hooks.issue(task, SYSTEM)
        return task

    def run(self, **columns: Any) -> Run:
        return make.run(self.task(), **columns)

    def ended(self) -> Run:
        return self.run(status=RunStatus.SUCCESS)

    def failure(self) -> FailureGroup:
        run = self.run(status=RunStatus.FAILED, error_code="timeout")
        count_failure(run, make.NOW)
        return FailureGroup.objects.get(pk=fingerprint_of(run))

    def backfill(self) -> Backfill:
        return backfill.start(self.task(), make.NOW - make.HOUR, make.NOW, 1, SYSTEM, make.NOW)

    def channel(self) -> NotifyChannel:
        assert self.code
        return NotifyChannel.objects.create(
            tenant_id=self.code, channel_name="c", channel_type="dingtalk_bot", webhook_url=ROBOT
        )

    def app(self) -> WeComApp:
        assert self.code
        return WeComApp.objects.create(
            tenant_id=self.code, app_name="a", corp_id="ww1", agent_id=1, corp_secret="s"
        )

    def delivery(self, status: str = "pending") -> Delivery:
        return Delivery.objects.create(
            tenant=self.tenant,
            channel_type="dingtalk_bot",
            robot="r",
            kind="result",
            status=status,
            msg_uuid="u",
            next_attempt_at=make.NOW,
        )

    def failed(self) -> Delivery:
        return self.delivery("failed")

    def variable(self) -> ScriptVar:
        return ScriptVar.objects.create(
            tenant=self.tenant, var_key="k", var_value=1, scope_key=f"x{self.code}"
        )

    def calendar(self) -> Calendar:
        code = f"of_{self.code}"
        return Calendar.objects.create(tenant=self.tenant, code=code, scope_key=f"{self.code}:{code}")

    def secret(self) -> Secret:
        return Secret.objects.create(tenant=self.tenant, secret_key="k", value="v")

    def config(self) -> TenantConfig:
        assert self.code
        return TenantConfig.objects.create(tenant_id=self.code, app_code="a", config_key="k")
