"""A platform that has been at work for two weeks: for the pictures of the docs."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from common.process_registry import ProcessEntry, announce
from common.redact import mask_url
from notifications import outbox
from notifications.channel_types import CHANNEL_TYPES, DINGTALK_BOT
from notifications.messages import read
from notifications.models import Delivery, DeliveryKind, DeliveryStatus, NotifyChannel
from notifications.render import Page
from scheduling.acts import tasks as task_acts
from scheduling.lifecycle import failures
from scheduling.models import Run, RunLine, RunStatus, ScheduledTask, Stream, Trigger
from tenants.access import SYSTEM
from tenants.models import Tenant

SCRIPT = """\
orders = http_get("https://shop.example.com/api/orders", params={"city": get_param("city")}).json()
log(f"orders={len(orders)}")
set_var("last_count", len(orders))
result = {
    "msg_type": "markdown",
    "title": "销售日报",
    "content": f"**{get_param('city')}** 今日订单 {len(orders)} 笔",
}
"""
TASKS: list[dict[str, Any]] = [
    {
        "task_name": "每日销售日报",
        "task_desc": "汇总订单，发到运营群",
        "time_points": ["08:00", "12:30"],
        "calendar": "cn_workday",
        "script_content": SCRIPT,
        "input_params": {"city": "上海"},
    },
    {
        "task_name": "会话质检",
        "execution_type": "dify",
        "schedule_type": "interval",
        "interval_minutes": 60,
        "use_windows": True,
        "dify_url": "https://dify.example.com/v1",
        "dify_api_key": "app-showcase-0123456789",
    },
    {
        "task_name": "同步 CRM",
        "execution_type": "webhook",
        "schedule_type": "cron",
        "cron_expression": "*/15 9-18 * * MON-FRI",
        "webhook_url": "https://crm.example.com/hooks/0123456789abcdef",
    },
    {
        "task_name": "月度对账",
        "execution_type": "webhook",
        "schedule_type": "cron",
        "cron_expression": "0 6 L * *",
        "webhook_url": "https://erp.example.com/reconcile",
    },
]
FAILURES = {
    "script": ("script_error", "KeyError: 'orders'"),
    "dify": ("dify_failed", "Node “LLM” failed: the model is overloaded."),
    "webhook": ("http_status", "The webhook answered HTTP 502."),
}
LINES = [
    (Stream.SYSTEM, "sandbox level 3, 256 MiB, 300 s"),
    (Stream.STDOUT, "GET https://shop.example.com/api/orders?city=上海"),
    (Stream.LOG, "orders=1284"),
    (Stream.STDOUT, "done"),
]


def showcase(tenant: Tenant, now: datetime) -> tuple[ScheduledTask, Run]:
    """The first task, and its latest run."""
    Tenant.objects.filter(pk=tenant.pk).update(name="运营部")
    channel = NotifyChannel.objects.create(
        tenant=tenant,
        channel_name="运营日报群",
        channel_type=DINGTALK_BOT.name,
        webhook_url="https://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef",
        last_ok_at=now,
    )
    tasks = [task_acts.create(ScheduledTask(tenant=tenant, **columns), SYSTEM, now) for columns in TASKS]
    task_acts.update(tasks[0].pk, lambda task: setattr(task, "notify_channels", [channel.pk]), SYSTEM, now)
    _history(tasks, now)
    announce(ProcessEntry("beat", "beat@web-1", [], 0))
    announce(ProcessEntry("worker", "io@web-1", ["io"], 200))
    announce(ProcessEntry("worker", "notify@web-1", ["notify"], 16))
    announce(ProcessEntry("worker", "script@web-1", ["script"], 2, sandbox_level=3))
    return tasks[0], _latest(tasks[0], channel, now)


def _history(tasks: list[ScheduledTask], now: datetime) -> None:
    dice = random.Random(7)
    ended = [(now - timedelta(minutes=dice.randrange(14 * 1440)), dice.choice(tasks)) for _ in range(400)]
    runs = Run.objects.bulk_create(
        [_run(task, at, dice) for at, task in sorted(ended, key=lambda one: one[0])]
    )
    for run in runs:
        failures.count_failure(run, run.finished_at or now)
    for task in tasks:
        last = Run.objects.filter(task=task).latest("pk")
        ScheduledTask.objects.filter(pk=task.pk).update(
            last_run_status=last.status, last_run_at=last.started_at
        )


def _run(task: ScheduledTask, at: datetime, dice: random.Random) -> Run:
    failed = dice.random() < 0.06
    late = timedelta(milliseconds=dice.randrange(20, 400))
    return Run(
        task=task,
        task_name=task.task_name,
        task_version=task.version,
        execution_type=task.execution_type,
        tenant_id=task.tenant_id,
        trace_id=f"{dice.getrandbits(128):032x}",
        trigger=Trigger.SCHEDULE,
        params=task.input_params,
        due_at=at,
        not_before=at,
        started_at=at + late,
        first_started_at=at + late,
        finished_at=at + late,
        duration_ms=dice.randrange(300, 20_000),
        attempt=1,
        worker="script@web-1",
        status=RunStatus.FAILED if failed else RunStatus.SUCCESS,
        error_code=FAILURES[task.execution_type][0] if failed else "",
        error=FAILURES[task.execution_type][1] if failed else "",
    )


def _latest(task: ScheduledTask, channel: NotifyChannel, now: datetime) -> Run:
    run = _run(task, now - timedelta(minutes=1), random.Random(1))
    run.result = {"msg_type": "markdown", "title": "销售日报", "content": "**上海** 今日订单 1284 笔"}
    run.status = RunStatus.SUCCESS
    run.save()
    for seq, (stream, text) in enumerate(LINES, 1):
        RunLine.objects.create(run=run, seq=seq, at=now, stream=stream, text=text)
    _delivered(run, channel, now)
    ScheduledTask.objects.filter(pk=task.pk).update(last_run_status=run.status, last_run_at=now)
    return run


def _delivered(run: Run, channel: NotifyChannel, now: datetime) -> None:
    """As the first attempt leaves it that DingTalk takes."""
    letter = outbox.OutgoingMessage(
        run.result, DeliveryKind.RESULT, run.task_name, run.pk, run.task_id, run.tenant_id, run.trace_id
    )
    [delivery] = outbox.enqueue([channel], letter, now)
    message = read(run.result)
    assert message is not None
    page = Page(outbox.run_url(run.pk), run.task_name)
    payloads = CHANNEL_TYPES[channel.kind].render(message, page).payloads
    Delivery.objects.filter(pk=delivery.pk).update(
        status=DeliveryStatus.SENT,
        sent_at=now,
        attempts=1,
        parts_sent=len(payloads),
        msg_type="markdown",
        request={"url": mask_url(channel.webhook_url), "payloads": payloads},
        response='{"errcode":0,"errmsg":"ok"}',
        errcode="0",
        errmsg="ok",
    )
