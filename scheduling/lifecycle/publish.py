"""Publishing of runs on Redis: one pipeline for many messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from celery.app import app_or_default
from kombu import Producer
from kombu.exceptions import BatchPublishError, OperationalError  # type: ignore[attr-defined]  # older stubs

from scheduling.kinds import QUEUE_OF
from scheduling.models import Run

TASK = "scheduling.run"


def publish(
    runs: Iterable[tuple[str, str]], names: Mapping[str, str] = {}, producer: Producer | None = None
) -> None:
    """Send (trace_id, execution_type) pairs.

    Raises a kombu OperationalError when Redis can't take them; some may have arrived then. `names`: what Flower shows
    instead of a trace id, which nobody knows by heart. Messages carry the trace id: MySQL gives no ids for a bulk
    insert.
    """
    app = app_or_default()
    try:
        with app.producer_or_acquire(producer) as channel, channel.batch(max_size=500):
            for trace_id, kind in runs:
                _send(app, channel, trace_id, QUEUE_OF[kind], names.get(trace_id, trace_id))
    except BatchPublishError as error:  # kombu does not make it an OperationalError, and hides its cause
        raise OperationalError(f"{error}: {error.__cause__}") from error


def shown(run: Run) -> str:
    """Return the name that a person knows the run by."""
    return f"#{run.pk} {run.task_name}"


def _send(app: Any, producer: Producer, trace_id: str, queue: str, name: str) -> None:
    message = app.amqp.as_task_v2(
        trace_id, TASK, (trace_id,), {}, ignore_result=True, argsrepr=name, kwargsrepr="{}"
    )
    producer.publish(
        message.body,
        exchange="",
        routing_key=queue,
        serializer="json",
        headers=message.headers,
        delivery_mode=2,
        retry=False,
        **message.properties,
    )
