"""What a Dify task is set to, and the request that a run makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from scheduling.clients.dify import AppType, ResponseMode, RunRequest
from scheduling.execution import Occasion
from scheduling.templates import render


@dataclass(frozen=True)
class DifyConfig:
    """`query`, `user` and `result_template` are templates; the user is the only key by which Dify finds a run."""

    app_type: AppType = "workflow"
    response_mode: ResponseMode = "streaming"
    workflow_id: str = ""
    query: str = ""
    user: str = ""
    window_start_param: str = "start_time"
    window_end_param: str = "end_time"
    window_time_format: str = "%Y-%m-%d %H:%M:%S"
    retry_on_unknown: bool = False
    result_template: str = ""


def request_of(config: DifyConfig, occasion: Occasion) -> RunRequest:
    """Raises scheduling.templates.WrongTemplate."""
    values = asdict(occasion)
    return RunRequest(
        user=render(config.user, values, occasion.tenant_id) if config.user else f"task-{occasion.task_id}",
        inputs=inputs_of(config, occasion),
        app_type=config.app_type,
        response_mode=config.response_mode,
        workflow_id=config.workflow_id,
        query=render(config.query, values, occasion.tenant_id),
        trace_id=occasion.trace_id,
    )


def inputs_of(config: DifyConfig, occasion: Occasion) -> dict[str, Any]:
    """The parameters, `{due_at}` and `{trace_id}` in them filled in, and the window in the task's own zone."""
    places = {"{due_at}": local_time(config, occasion, occasion.due_at), "{trace_id}": occasion.trace_id}
    inputs = {name: _filled(value, places) for name, value in occasion.params.items()}
    if occasion.window_start and occasion.window_end:
        inputs[config.window_start_param] = local_time(config, occasion, occasion.window_start)
        inputs[config.window_end_param] = local_time(config, occasion, occasion.window_end)
    return inputs


def local_time(config: DifyConfig, occasion: Occasion, instant: str | None) -> str:
    if instant is None:
        return ""
    local = datetime.fromisoformat(instant).astimezone(ZoneInfo(occasion.timezone))
    return local.strftime(config.window_time_format)


def _filled(value: Any, places: Mapping[str, str]) -> Any:
    if not isinstance(value, str):
        return value
    for place, text in places.items():
        value = value.replace(place, text)
    return value
