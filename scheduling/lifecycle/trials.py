"""Test runs of scripts. A person asks for one, a script worker runs it, Redis keeps it for an hour; it is never a row.

    waiting ──take──> running ──end──> ended
       └──(nobody takes it: `_end_lapsed`)─▲

`alive` is a key with a time to live: while it is there, a worker may still come or is at work. When it has lapsed
without an answer, the next process that asks for the answer ends the trial: no process has to watch it, and no clock is
compared with another's.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

from celery import current_app

from common.concurrency import NoPlaceError
from common.redis_client import client
from scheduling.execution import Stream
from scheduling.kinds.script.kind import SCRIPT
from scheduling.models import ScheduledTask
from tenants import audit
from tenants.access import Actor
from tenants.models import Role

TASK = "scheduling.try_script"
KEPT_SECONDS = 3600
TAKE_SECONDS = 20
MAX_SECONDS = 300  # a person waits for it
MAX_OF_A_TENANT = 4  # waiting or running: script workers have others to serve
NO_WORKER = "No script worker started the test within {seconds} s: none is running, or all are busy."
WORKER_LOST = "The worker did not finish the test in time: it was lost, or it lost Redis."


@dataclass(frozen=True)
class TrialRequest:
    script_content: str
    script_deps: str
    input_params: dict[str, Any]
    timeout_seconds: int
    tenant_id: str | None
    has_deps: bool = False


@dataclass(frozen=True)
class UnsentMessage:
    """A message that a real run would send. `channel_type` "": to channels of every kind that the tenant has."""

    origin: str  # result, or the SDK's function: notify, dingtalk, wecom
    message: Any
    channel_type: str = ""


@dataclass(frozen=True)
class TrialOutcome:
    """How a trial ended. `status`: success, failed or canceled."""

    status: str
    error: str = ""
    error_code: str = ""
    result: Any = None
    duration_ms: int = 0
    messages: Sequence[UnsentMessage] = ()


@dataclass(frozen=True)
class TrialLine:
    """A line of a trial's log, like a RunLine: `at` is ISO 8601, `seq` counts up from 1."""

    seq: int
    at: str
    stream: Stream
    text: str


class UnsavedSourceError(Exception):
    """The actor may test only what a task has saved."""


def ask(trial_request: TrialRequest, actor: Actor, name: str = "test-script") -> str:
    """Queue a trial and return its id. Who asked, and for which source, is in the audit log.

    A script may read the secrets of its tenant, so one that is not saved is only for those who may save it. Raises
    UnsavedSourceError, NoPlaceError, and kombu's OperationalError or a RedisError where Redis is away.
    """
    if not actor.may(Role.ADMIN, trial_request.tenant_id) and not _is_saved(trial_request):
        raise UnsavedSourceError
    underway = f"platform:trials:{trial_request.tenant_id or ''}"
    if _count(underway) >= MAX_OF_A_TENANT:
        raise NoPlaceError
    source = hashlib.sha256(
        f"{trial_request.script_deps}\0{trial_request.script_content}".encode()
    ).hexdigest()
    _record(actor, "test_script", trial_request.tenant_id, name, {"source_sha256": ["", source]})
    trial_id = uuid.uuid4().hex
    key = _key(trial_id)
    with client().pipeline() as pipe:
        pipe.hset(key, "tenant", json.dumps(trial_request.tenant_id))
        pipe.expire(key, KEPT_SECONDS)
        pipe.set(f"{key}:asked", json.dumps(asdict(trial_request)), ex=2 * TAKE_SECONDS)
        pipe.set(f"{key}:alive", 1, ex=TAKE_SECONDS)
        pipe.sadd(underway, trial_id)
        pipe.expire(underway, KEPT_SECONDS)
        pipe.execute()
    current_app.send_task(TASK, (trial_id,), queue=SCRIPT.queue, expires=TAKE_SECONDS, retry=False)
    return trial_id


def _count(underway: str) -> int:
    """Return how many of a tenant's trials have not ended, and forget the others."""
    found = cast("set[str]", client().smembers(underway))
    ended = [trial_id for trial_id in found if not _goes_on(trial_id)]
    if ended:
        client().srem(underway, *ended)
    return len(found) - len(ended)


def _goes_on(trial_id: str) -> bool:
    return bool(client().exists(f"{_key(trial_id)}:alive")) and answer_of(trial_id) is None


def _is_saved(trial_request: TrialRequest) -> bool:
    rows = ScheduledTask.objects.filter(
        execution_type=SCRIPT.name, script_content=trial_request.script_content
    )
    tasks = (
        rows.filter(tenant=None)
        if trial_request.tenant_id is None
        else rows.filter(tenant_id=trial_request.tenant_id)
    )
    saved = tasks.values_list("script_content", "script_deps")
    return (trial_request.script_content, trial_request.script_deps) in set(saved)  # MySQL ignores case


def _record(actor: Actor, action: str, tenant_id: str | None, name: str, changes: Mapping[str, Any]) -> None:
    audit.record(actor, action, ScheduledTask(task_name=name, tenant_id=tenant_id), changes)


def tenant_of(trial_id: str) -> str | None:
    """Return the trial's tenant. Raises KeyError where there is no such trial any more."""
    found = client().hget(_key(trial_id), "tenant")
    if found is None:
        raise KeyError(trial_id)
    return cast("str | None", json.loads(cast(str, found)))


def take(trial_id: str) -> TrialRequest | None:
    """Return what is to be run, to one worker only; None to all others. The text is deleted from Redis."""
    key = _key(trial_id)
    # It is kept alive first: nobody may find it taken and dead between the two steps.
    stay_alive(trial_id, TAKE_SECONDS)
    text = client().get(f"{key}:asked")
    if text is None or not client().hsetnx(key, "taken", "worker"):
        return None
    client().delete(f"{key}:asked")
    return TrialRequest(**json.loads(cast(str, text)))


def stay_alive(trial_id: str, seconds: float) -> None:
    client().set(f"{_key(trial_id)}:alive", 1, ex=round(seconds))


def add_lines(trial_id: str, lines: Sequence[TrialLine]) -> None:
    key = f"{_key(trial_id)}:lines"
    with client().pipeline() as pipe:
        pipe.rpush(key, *(json.dumps(asdict(line)) for line in lines))
        pipe.expire(key, KEPT_SECONDS)
        pipe.execute()


def lines_after(trial_id: str, after: int = 0, limit: int = 1 << 20) -> list[TrialLine]:
    texts = client().lrange(f"{_key(trial_id)}:lines", after, after + limit - 1)
    return [TrialLine(**json.loads(text)) for text in cast("list[str]", texts)]


def end(trial_id: str, answer: TrialOutcome) -> None:
    """Store the trial's answer and wake those who wait for it. The first answer stays."""
    key = _key(trial_id)
    if client().hsetnx(key, "answer", json.dumps(asdict(answer))):
        with client().pipeline() as pipe:
            pipe.rpush(f"{key}:ended", 1)
            for name in (key, f"{key}:ended", f"{key}:lines"):
                pipe.expire(name, KEPT_SECONDS)
            pipe.execute()


def answer_of(trial_id: str) -> TrialOutcome | None:
    """Return the trial's answer, None while it waits or runs. A trial whose time has lapsed is ended here."""
    key = _key(trial_id)
    if not client().exists(f"{key}:alive"):
        _end_lapsed(trial_id)
    text = client().hget(key, "answer")
    return None if text is None else _read(cast(str, text))


def _read(text: str) -> TrialOutcome:
    answer = json.loads(text)
    return TrialOutcome(**answer | {"messages": [UnsentMessage(**unsent) for unsent in answer["messages"]]})


def _end_lapsed(trial_id: str) -> None:
    if client().hsetnx(_key(trial_id), "taken", "nobody"):
        error = NO_WORKER.format(seconds=TAKE_SECONDS)
        end(trial_id, TrialOutcome("failed", error=error, error_code="no_worker"))
    else:
        end(trial_id, TrialOutcome("failed", error=WORKER_LOST, error_code="worker_lost"))


def wait(trial_id: str) -> TrialOutcome:
    """Wait for the end of the trial, which always ends, and return its answer."""
    while (answer := answer_of(trial_id)) is None:
        client().blpop([f"{_key(trial_id)}:ended"], timeout=1)
    return answer


def cancel(trial_id: str, actor: Actor) -> None:
    """Cancel the trial; nothing happens to one that has ended.

    Raises KeyError where there is no such trial any more.
    """
    tenant_id = tenant_of(trial_id)
    if answer_of(trial_id) is not None:
        return
    _record(actor, "cancel_test", tenant_id, "test-script", {"test": ["", trial_id]})
    key = _key(trial_id)
    client().hset(key, "canceled", 1)
    if client().hsetnx(key, "taken", "nobody"):
        end(trial_id, TrialOutcome("canceled", error="Cancelled.", error_code="canceled"))


def is_canceled(trial_id: str) -> bool:
    return bool(client().hexists(_key(trial_id), "canceled"))


def _key(trial_id: str) -> str:
    return f"platform:trial:{trial_id}"
