"""Builds the executor of a webhook task from its columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from common import outbound
from common.http import Client
from scheduling.execution import RunContext, occasion_of
from scheduling.kinds.webhook.executor import WebhookConfig, WebhookExecutor

if TYPE_CHECKING:
    from scheduling.models import Run, ScheduledTask


def build(run: Run, task: ScheduledTask, context: RunContext) -> WebhookExecutor:
    config = WebhookConfig(
        url=task.webhook_url,
        method=task.webhook_method,
        headers=task.headers,
        body_template=task.webhook_body_template,
        success_condition=task.webhook_success_condition,
        secret=task.webhook_secret,
        window_time_format=task.window_time_format,
    )

    def client(seconds: float) -> Client:
        return Client(outbound.policy(read_seconds=seconds, total_seconds=seconds, max_redirects=0))

    return WebhookExecutor(config, occasion_of(run, task), client)
