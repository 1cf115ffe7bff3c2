"""A script task's executor: its limits, and every function that the script may call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, partial, wraps
from typing import Any, ParamSpec, Protocol, TypeVar

from django.conf import settings
from django.db import connection

from common import outbound
from common.database_errors import repeated_while_away
from common.http import CancelSwitch, Policy
from notifications.models import DeliveryKind, NotifyChannel
from sandbox.host.calls import later
from sandbox.host.limits import Limits
from sandbox.host.runner import Runner, SandboxUnavailableError
from scheduling.clients.ai import Endpoint
from scheduling.execution import Outcome, RunContext, Spent, occasion_of
from scheduling.grants.ai import Ai
from scheduling.grants.database import Database
from scheduling.grants.dify import Dify
from scheduling.grants.http import Http
from scheduling.grants.messages import Messages
from scheduling.grants.secrets import Secrets
from scheduling.grants.tenants import Tenants
from scheduling.grants.vars import Vars
from scheduling.kinds.script.executor import ScriptConfig, ScriptExecutor
from scheduling.lifecycle import result_messages
from scheduling.lifecycle.metrics import SANDBOX_STARTS
from scheduling.models import Run, ScheduledTask
from scheduling.worker import environments, nested_dify, script_network

Grants = Mapping[str, Callable[..., Any]]
P = ParamSpec("P")
T = TypeVar("T")
PAUSE_SECONDS = 0.5  # between two tries whether the database is back


class ScriptContext(RunContext, Protocol):
    """Grants hand out secrets; `hide` masks such a value from then on."""

    def hide(self, value: str) -> None: ...

    def holds_secret(self, text: str) -> bool: ...

    def mask_message(self, value: Any) -> Any: ...


def build(
    run: Run, task: ScheduledTask, context: ScriptContext, replaced: Grants | None = None
) -> ScriptExecutor:
    """Build the executor of a script task. `replaced` are grants by name, used in place of the real ones."""
    limits = Limits(
        wall_seconds=task.timeout.total_seconds(),
        cpu_seconds=min(task.cpu_seconds or Limits.cpu_seconds, settings.SCRIPT_MAX_CPU_SECONDS),
        memory_mb=min(task.memory_mb or Limits.memory_mb, settings.SCRIPT_MAX_MEMORY_MB),
    )
    spent, over = Spent(), CancelSwitch()
    network = script_network.access(task.tenant_id, over, lambda: context.seconds_left)
    grants = {**_grants(run, task, context, spent, over), **(replaced or {})}
    return ScriptExecutor(
        ScriptConfig(task.script_content, limits, network),
        occasion_of(run, task),
        runner(),
        grants,
        spent,
        partial(_imports, task, context),
        over,
    )


@contextmanager
def _imports(task: ScheduledTask, context: ScriptContext) -> Iterator[tuple[str, ...]]:
    started = time.monotonic()
    with environments.import_paths(task, context.line, context.canceled) as paths:
        context.extend(time.monotonic() - started)  # installing does not use up the script's time
        yield paths


@cache
def runner() -> Runner:
    return Runner(
        min_level=settings.SANDBOX_MIN_LEVEL,
        unsafe=settings.SANDBOX_UNSAFE,
        deps_dirs=[str(environments.envs().packages)],
        on_start=lambda level: SANDBOX_STARTS.add(str(level)),
    )


def sandbox_level() -> int:
    """Try the sandbox and return its level on this host; 0 if no script may run."""
    try:
        with Runner(min_level=settings.SANDBOX_MIN_LEVEL, unsafe=settings.SANDBOX_UNSAFE) as tried:
            return tried.level().number
    except SandboxUnavailableError:
        return 0


def _grants(
    run: Run,
    task: ScheduledTask,
    context: ScriptContext,
    spent: Spent,
    over: CancelSwitch,
) -> Grants:
    """Return the functions by the SDK's names. The guest refuses any other name with an error that says so."""

    def policy(seconds: float) -> Policy:
        seconds = min(seconds, context.seconds_left + nested_dify.BEHIND_SECONDS)
        return outbound.policy(read_seconds=seconds, total_seconds=seconds)

    http = Http(policy, over)
    ai = Ai(
        task.tenant_id,
        Endpoint(settings.AI_BASE_URL, settings.AI_API_KEY, settings.AI_MODELS),
        policy,
        over,
        context.hide,
        spent,
    )

    def call(called: ScheduledTask, inputs: dict[str, Any]) -> Callable[[], Outcome]:
        context.hide(called.dify_api_key)
        connection.close()  # it may be minutes until the script needs it again
        return partial(nested_dify.call, called, inputs, context, over, run.trace_id)

    message_grants = Messages(
        lambda message: result_messages.outgoing_message(
            run, context.mask_message(message), DeliveryKind.DIRECT
        ),
        lambda: result_messages.channels_of(task),
        lambda: reachable_channels(task),
    )
    return _database_grants(task, context) | {
        "ai": ai.ai,
        "db_query": Database(task.tenant_id, over, context.line).db_query,
        "dify": Dify(task.tenant_id, call, spent).dify,
        "http_request": later(http.http_request),
        "dingtalk": message_grants.dingtalk,
        "wecom": message_grants.wecom,
        "notify": message_grants.notify,
        "progress": lambda done, total: context.line(f"{done} / {total}"),
    }


def _database_grants(task: ScheduledTask, context: ScriptContext) -> dict[str, Callable[..., Any]]:
    """Return the functions that need nothing but the platform's database, and wait for it while it is away."""
    variables = Vars(task.pk, task.tenant_id, context.holds_secret)
    tenants = Tenants(task.tenant_id, context.hide)
    functions: Grants = {
        "get_var": variables.get_var,
        "set_var": variables.set_var,
        "del_var": variables.del_var,
        "get_tenants": tenants.get_tenants,
        "get_tenant_config": tenants.get_tenant_config,
        "get_all_tenant_configs": tenants.get_all_tenant_configs,
        "get_secret": Secrets(task.tenant_id, context.hide).get_secret,
    }
    return {name: _waiting(function, context) for name, function in functions.items()}


def _waiting(function: Callable[P, T], context: ScriptContext) -> Callable[P, T]:
    """Return the function so that it waits for the database: a restart of the server is not the script's fault."""

    def may_wait() -> bool:
        return not context.canceled() and context.seconds_left > PAUSE_SECONDS

    @wraps(function)
    def waiting(*args: P.args, **kwargs: P.kwargs) -> T:
        return repeated_while_away(partial(function, *args, **kwargs), may_wait, PAUSE_SECONDS)

    return waiting


def reachable_channels(task: ScheduledTask) -> list[NotifyChannel]:
    rows = NotifyChannel.objects.filter(is_enabled=True)
    return list(rows if task.tenant_id is None else rows.filter(tenant_id=task.tenant_id))
