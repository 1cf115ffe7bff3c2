"""What runs inside Dify is seen while it runs: a real worker, a Dify that has not said its last word."""

from __future__ import annotations

import pytest
from django.utils import timezone

from scheduling.lifecycle.publish import publish
from scheduling.models import Run, RunStatus
from scheduling.tests.worker.dify_task import KEY, NO_INPUTS, dify_task, run_of
from testing.patience import eventually
from testing.processes import Processes
from testing.servers.dify_replay import DifyReplay, streams

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(120)]
NODE = {"id": "execution-1", "node_id": "1", "node_type": "llm", "title": f"asks with {KEY}"}
STARTED = {"event": "node_started", "workflow_run_id": "run-1", "task_id": "task-1", "data": NODE}


def test_a_node_stands_in_the_runs_row_while_it_runs() -> None:
    with DifyReplay(NO_INPUTS, streams(STARTED, ending="stall")) as dify, Processes() as processes:
        run = run_of(dify_task(dify), published_at=timezone.now())
        publish([(run.trace_id, "dify")])
        processes.worker("threads", 1, "io")
        rows = Run.objects.filter(pk=run.pk, status=RunStatus.RUNNING, timeline__isnull=False)
        eventually(rows.exists)
        timeline = rows.get().timeline
    assert timeline
    [span] = timeline["spans"]
    assert (span["status"], span["finished_at"]) == ("running", None)
    assert span["title"].startswith("asks with ")
    assert KEY not in span["title"]
