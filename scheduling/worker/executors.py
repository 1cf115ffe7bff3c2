"""Executors, made from the columns of a task and a run: frozen configs, grants, clients."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import cast

from django.conf import settings

from common import outbound, redis_client
from common.http import Client
from common.redact import secrets_in
from common.redis_windows import Leases
from scheduling.execution import ConfigError, Executor, Occasion
from scheduling.kinds.dify import DifyConfig, DifyExecutor, Places, app_of
from scheduling.kinds.dify.client import AppType, DifyClient, MisconfiguredError, ResponseMode
from scheduling.kinds.webhook.executor import WebhookConfig, WebhookExecutor
from scheduling.models import Run, ScheduledTask
from scheduling.worker.run_context import LiveContext
from scheduling.worker.script_executor import script_executor
from tenants.secrets import known_values

Build = Callable[[Run, ScheduledTask, LiveContext], Executor]


def executor_of(run: Run, task: ScheduledTask, context: LiveContext) -> Executor:
    """Make the executor of the run's kind. Raises ConfigError and IncompleteTaskError."""
    task.require_complete()
    return BUILDERS[task.execution_type](run, task, context)


def secrets_of(task: ScheduledTask) -> list[str]:
    """List the values that must be masked in everything that a run of the task stores."""
    own = [task.dify_api_key, task.webhook_secret, task.webhook_url, task.alert_webhook]
    pieces = [*secrets_in(task.webhook_url), *secrets_in(task.alert_webhook)]
    headers = [str(value) for value in _headers(task).values()]
    return [value for value in [*own, *pieces, *headers, *known_values(task.tenant_id)] if value]


def occasion_of(run: Run, task: ScheduledTask) -> Occasion:
    return Occasion(
        task_id=task.pk,
        task_name=task.task_name,
        tenant_id=task.tenant_id,
        trace_id=run.trace_id,
        timezone=task.timezone,
        due_at=_iso(run.due_at),
        window_start=_iso(run.window_start),
        window_end=_iso(run.window_end),
        params=run.params,
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _webhook(run: Run, task: ScheduledTask, context: LiveContext) -> Executor:
    config = WebhookConfig(
        url=task.webhook_url,
        method=task.webhook_method,
        headers=_headers(task),
        body_template=task.webhook_body_template,
        secret=task.webhook_secret,
        window_time_format=task.window_time_format,
    )

    def client(seconds: float) -> Client:
        return Client(outbound.policy(read_seconds=seconds, total_seconds=seconds, max_redirects=0))

    return WebhookExecutor(config, occasion_of(run, task), client)


def _headers(task: ScheduledTask) -> dict[str, str]:
    return json.loads(task.webhook_headers) if task.webhook_headers else {}


def _script(run: Run, task: ScheduledTask, context: LiveContext) -> Executor:
    return script_executor(run, task, occasion_of(run, task), context, dify_executor)


def _dify(run: Run, task: ScheduledTask, context: LiveContext) -> Executor:
    return dify_executor(run, task)


def dify_executor(run: Run, task: ScheduledTask) -> DifyExecutor:
    """Make a Dify executor, also for a task that a script calls. Raises ConfigError and IncompleteTaskError."""
    task.require_complete()
    try:
        client = DifyClient(task.dify_url, task.dify_api_key, outbound.policy())
    except MisconfiguredError as error:
        raise ConfigError(str(error)) from error
    app = app_of(client.base_url, task.dify_api_key)
    return DifyExecutor(dify_config_of(task), occasion_of(run, task), client, places(), app)


def dify_config_of(task: ScheduledTask) -> DifyConfig:
    return DifyConfig(
        app_type=cast(AppType, task.dify_app_type),
        response_mode=cast(ResponseMode, task.dify_response_mode),
        workflow_id=task.dify_workflow_id,
        query=task.dify_query,
        user=task.dify_user,
        window_start_param=task.window_start_param,
        window_end_param=task.window_end_param,
        window_time_format=task.window_time_format,
        retry_on_unknown=task.retry_on_unknown,
        result_template=task.result_template,
    )


@cache
def places() -> Places:
    return Places(Leases(redis_client.client(), "dify"), settings.DIFY_CONCURRENT_RUNS)


BUILDERS: dict[str, Build] = {
    "dify": _dify,
    "webhook": _webhook,
    "script": _script,
}
