"""*Test connection* for a Dify task, saved or still being written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from common import outbound
from common.concurrency import hold_place
from common.redact import Masker, mask_url
from scheduling.execution import Occasion
from scheduling.kinds.dify.builder import config_of
from scheduling.kinds.dify.client import AppType, DifyClient, MisconfiguredError, Patience
from scheduling.kinds.dify.client.connection import Connection, try_connection
from scheduling.kinds.dify.config import inputs_of
from scheduling.models import ScheduledTask
from tenants import audit
from tenants.access import Actor
from tenants.models import Role

MAX_DETAIL = 500  # characters
QUICK = Patience(ask_seconds=5)  # somebody waits for the answer


def check_task(task: ScheduledTask, actor: Actor, now: datetime) -> Connection:
    """Ask Dify whether a run of the task would begin, and start nothing. Raises NoPlaceError."""
    audit.record(actor, "test", task)
    return check_task_connection(task, now)


def check_app(
    url: str, api_key: str, app_type: AppType, inputs: Mapping[str, Any], actor: Actor
) -> Connection:
    """Ask Dify the same for an app that no saved task has. Raises NoPlaceError.

    The request names no tenant: the audit log shows it to the caller's own tenant, where there is only one.
    """
    tenants = [code for code in (None, *actor.roles) if actor.may(Role.OPERATOR, code)]
    unsaved = ScheduledTask(task_name="test-dify", tenant_id=tenants[0] if len(tenants) == 1 else None)
    audit.record(actor, "test", unsaved, {"dify_url": ["", mask_url(url)]})
    return check_connection(url, api_key, app_type, inputs, f"user {actor.user_id}")


def check_task_connection(task: ScheduledTask, now: datetime) -> Connection:
    """Return what Dify answers to the inputs that a run would send now. Raises NoPlaceError."""
    at = now.isoformat()
    window = {"window_start": at, "window_end": at} if task.hands_out_windows else {}
    occasion = Occasion(
        task_id=task.pk,
        task_name=task.task_name,
        tenant_id=task.tenant_id,
        trace_id="test-connection",
        timezone=task.timezone,
        due_at=at,
        params=task.input_params,
        **window,
    )
    inputs = inputs_of(config_of(task), occasion)
    app_type = cast(AppType, task.dify_app_type)
    return check_connection(
        task.dify_url, task.dify_api_key, app_type, inputs, task.tenant_id, task.dify_workflow_id
    )


def check_connection(
    url: str,
    api_key: str,
    app_type: AppType,
    inputs: Mapping[str, Any],
    whose: str | None,
    workflow_id: str = "",
) -> Connection:
    """Try the app in one of the places of `whose`. Raises NoPlaceError where all of them are taken."""
    try:
        with hold_place(whose):
            client = DifyClient(url, api_key, outbound.policy(), patience=QUICK)
            found = try_connection(client, app_type, inputs, workflow_id)
    except MisconfiguredError as error:
        found = Connection(ok=False, detail=str(error))
    masker = Masker([api_key])
    return replace(found, detail=masker.mask(masker.cut(found.detail, MAX_DETAIL)))
