"""Builds the executor of a Dify task from its columns."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, cast

from django.conf import settings

from common import outbound, redis_client
from common.redis_windows import Leases
from scheduling.execution import ConfigError, RunContext, occasion_of
from scheduling.kinds.dify.client import AppType, DifyClient, MisconfiguredError, ResponseMode
from scheduling.kinds.dify.concurrency import Places, app_of
from scheduling.kinds.dify.config import DifyConfig
from scheduling.kinds.dify.executor import DifyExecutor

if TYPE_CHECKING:
    from scheduling.models import Run, ScheduledTask


def build(run: Run, task: ScheduledTask, context: RunContext) -> DifyExecutor:
    """Build the executor. Raises ConfigError where the columns can't be those of a Dify app."""
    try:
        client = DifyClient(task.dify_url, task.dify_api_key, outbound.policy())
    except MisconfiguredError as error:
        raise ConfigError(str(error)) from error
    app = app_of(client.base_url, task.dify_api_key)
    return DifyExecutor(config_of(task), occasion_of(run, task), client, places(), app)


def config_of(task: ScheduledTask) -> DifyConfig:
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
