"""A Dify task's settings, and the request that a run makes of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from scheduling.execution import Occasion, RunContext, is_over
from scheduling.kinds.dify.client import AppType, ResponseMode, RunRequest
from scheduling.kinds.template_names import TIME_FORMAT, filled, names_of
from scheduling.templates import render


@dataclass(frozen=True)
class DifyConfig:
    """`query`, `user` and `result_template` are templates. Dify finds a run by its user alone."""

    app_type: AppType = "workflow"
    response_mode: ResponseMode = "streaming"
    workflow_id: str = ""
    query: str = ""
    user: str = ""
    window_start_param: str = "start_time"
    window_end_param: str = "end_time"
    window_time_format: str = TIME_FORMAT
    retry_on_unknown: bool = False
    result_template: str = ""


def request_of(
    config: DifyConfig, occasion: Occasion, context: RunContext, *, is_known_there: bool = False
) -> RunRequest:
    """Build the request of a run. Raises scheduling.templates.TemplateError, also where no time is left to render.

    `is_known_there`: Dify may have the run already. It is looked up and stopped by its user, and needs no question.
    """
    names = names_of(occasion, config.window_time_format)

    def made(template: str) -> str:
        return render(template, names, occasion.tenant_id, partial(is_over, context))

    return RunRequest(
        user=made(config.user) if config.user else f"task-{occasion.task_id}",
        inputs=inputs_of(config, occasion),
        app_type=config.app_type,
        response_mode=config.response_mode,
        workflow_id=config.workflow_id,
        query="" if is_known_there else made(config.query),
        trace_id=occasion.trace_id,
    )


def inputs_of(config: DifyConfig, occasion: Occasion) -> dict[str, Any]:
    """Return the parameters with the names in their texts filled in, and the window in the task's own zone."""
    names = names_of(occasion, config.window_time_format)
    inputs = {
        name: filled(value, names) if isinstance(value, str) else value
        for name, value in occasion.params.items()
    }
    if window := names["window"]:
        inputs[config.window_start_param] = window["start"]
        inputs[config.window_end_param] = window["end"]
    return inputs
