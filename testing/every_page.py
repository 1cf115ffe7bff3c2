"""All pages of the admin, each with a row to show, for tests that visit them all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask

from notifications import outbox
from notifications.models import DeliveryKind, WeComApp
from scheduling.acts import backfills, data_sources, default_task, runs
from scheduling.lifecycle import failures
from scheduling.models import DataSource, FailureGroup, Run, RunStatus, ScriptVar
from scheduling.models.variable import scope_key
from tenants import tokens
from tenants.access import SYSTEM
from tenants.models import AuditEntry, Secret, TenantConfig
from testing.world import World, listing, page

SPANS = [
    {"node_id": node, "kind": "llm", "title": "节点", "started_at": 0, "finished_at": ended, "status": "succeeded",
     "tokens": 3, "error": "", "retries": 1, "inside": inside, "step": 0}
    for node, ended, inside in (("1", 2, ""), ("2", None, "1"))
]  # fmt: skip


def a_row_of_everything(world: World) -> None:
    """Create rows for all pages, in Chinese and without random text that may look like an English word."""
    now = timezone.now()
    User.objects.update(password="!")  # pages show parts of a password's hash, which is random
    run = runs.run_now(world.task, replace(SYSTEM, username="操作员"), now, params={"城市": "上海"})
    past = backfills.start(world.task, now - timedelta(days=3), now - timedelta(days=1), 1, SYSTEM, now)
    Run.objects.filter(backfill=past).delete()
    Run.objects.filter(pk=run.pk).update(trace_id="1", timeline={"spans": SPANS, "left_out": 1}, tokens=3)
    broken = Run(
        pk=run.pk,
        task=world.task,
        tenant=world.ours,
        status=RunStatus.FAILED,
        error_code="timeout",
        error="超时",
    )
    failures.count_failure(broken, now)
    letter = outbox.OutgoingMessage("# 日报", DeliveryKind.RESULT, "日报", log_id=run.pk)
    outbox.enqueue([world.channel], letter, now)
    WeComApp.objects.create(tenant=world.ours, app_name="应用", corp_id="1", agent_id=1, corp_secret="密")
    Secret.objects.create(tenant=world.ours, secret_key="密钥", value="值")
    TenantConfig.objects.create(tenant=world.ours, app_code="应用", config_key="键", value="值")
    ScriptVar.objects.create(
        tenant=world.ours, var_key="键", var_value=1, scope_key=scope_key("ours", None, "键")
    )
    data_sources.create(DataSource(tenant=world.ours, name="库", dsn="sqlite:////1.db"), SYSTEM)
    tokens.issue(User.objects.get(username="admin"), "令牌", SYSTEM, plain="1" * 20)
    crontab = CrontabSchedule.objects.create(minute="30", hour="8", day_of_week="1-5")
    PeriodicTask.objects.create(name="任务", task="任务", crontab=crontab)
    default_task.get_or_create(now)


def every_page(request: HttpRequest, world: World) -> Iterator[str]:
    """Yield the path of each page that the sender of the request may view."""
    yield from ("/admin/", reverse("admin:scheduling_scheduledtask_default"))
    yield from (page(world.task, name) for name in ("overview", "run_with", "versions", "backfill", "cursor"))
    yield from (page(group, "mute") for group in FailureGroup.objects.all())
    for model, registered in admin.site._registry.items():
        if not registered.has_view_permission(request):
            continue
        yield listing(model)
        yield listing(model) + "?q=没有"
        if registered.has_add_permission(request):
            yield listing(model) + "add/"
        if (
            row := registered.get_queryset(request).first()
        ) and model is not AuditEntry:  # its page shows values as they were stored
            yield page(row)
