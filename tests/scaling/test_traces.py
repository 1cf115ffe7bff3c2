"""One run seen from outside: a trace from its due time to its message, and JSON lines that name it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from notifications.models import NotifyChannel
from scheduling.models import Run, RunStatus
from scheduling.tests import make
from testing.callers import tenant
from testing.patience import eventually
from testing.servers.otlp import Collector
from testing.servers.robots import Robots
from tests.scaling.roles import Roles

pytestmark = [
    pytest.mark.acceptance,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as running:
        yield running


@pytest.fixture
def robots() -> Iterator[Robots]:
    with Robots() as running:
        yield running


def test_a_run_is_one_trace_over_all_processes_and_its_id_stands_in_their_lines(
    tmp_path: Path, collector: Collector, robots: Robots
) -> None:
    robot = robots.dingtalk()
    channel = NotifyChannel.objects.create(
        tenant=tenant(), channel_name="ops", channel_type="dingtalk_bot", webhook_url=robot.url
    )
    chosen = {
        "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "LOG_FORMAT": "json",
        "LOG_LEVEL": "DEBUG",
    }
    task = make.task(
        timezone.now(),
        schedule_type="once",
        run_at=timezone.now() + timedelta(seconds=1),
        script_content="result = 'good morning'",
        notify_channels=[channel.pk],
    )
    with Roles(tmp_path, chosen) as roles:
        for role in ("beat", "worker-io", "worker-notify", "worker-script", "web"):
            roles.start(role)
        eventually(lambda: robot.shown)
        run = Run.objects.get(task=task, status=RunStatus.SUCCESS)
        names = {"run", "publish", "claim", "execute", "deliver"}
        eventually(lambda: set(collector.of(run.trace_id)) == names)
        eventually(lambda: '"platform_site.web"' in roles.said())
        said = roles.said()

    spans = collector.of(run.trace_id)
    root = spans.pop("run")
    assert root.parent == ""
    assert {span.parent for span in spans.values()} == {root.id}
    assert run.due_at is not None
    due = int(run.due_at.timestamp() * 1_000_000) * 1000
    assert root.start == spans["publish"].start == due
    assert spans["publish"].end <= spans["execute"].end <= root.end <= spans["deliver"].end
    assert (root.attributes["kind"], root.attributes["status"]) == ("script", "success")
    assert spans["deliver"].attributes == {"channel": "dingtalk_bot"}

    lines = [json.loads(line) for line in said.splitlines()]
    assert {line["level"] for line in lines} <= {"DEBUG", "INFO", "WARNING"}
    its_own = {line["logger"] for line in lines if line.get("trace_id") == run.trace_id}
    assert its_own >= {"scheduling.beat.release", "scheduling.worker.attempt", "notifications.sending"}
    assert any(line["logger"] == "platform_site.web" for line in lines)
