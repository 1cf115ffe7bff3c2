"""A real worker gets the signal of a soft shutdown while it has work: what becomes of its runs, and that it ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from django.utils import timezone

from scheduling.engine.publish import publish
from scheduling.models import Run, RunStatus
from scheduling.tests import make
from scheduling.tests.contexts.dify_task import NO_INPUTS, dify_task, paths, run_of
from tests.faults.processes import Processes
from tests.patience import eventually
from tests.servers.dify_replay import DifyReplay, replays, transcript

pytestmark = pytest.mark.django_db(transaction=True)
RUN = "ea8856c4-1493-4c12-8731-73bbe93ba964"


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    monkeypatch.setenv("SOFT_SHUTDOWN_SECONDS", "12")
    with Processes() as running:
        yield running


def hand_out(run: Run, kind: str) -> None:
    Run.objects.filter(pk=run.pk).update(published_at=timezone.now(), not_before=timezone.now())
    publish([(run.trace_id, kind)])


def has(run: Run, status: str, **columns: object) -> bool:
    return Run.objects.filter(pk=run.pk, status=status, **columns).exists()


def test_a_dify_run_is_left_to_the_next_worker(processes: Processes) -> None:
    stalled = replays(transcript("ok_streaming")).until(2500, "stall")
    with DifyReplay(NO_INPUTS, stalled, replays(transcript("ok_run_detail"))) as dify:
        run = run_of(dify_task(dify))
        hand_out(run, "dify")
        first = processes.worker("threads", 2, "io")
        eventually(lambda: has(run, RunStatus.RUNNING, external_id=RUN))
        os.kill(first.pid, signal.SIGTERM)
        eventually(lambda: has(run, RunStatus.QUEUED, lost_count=0))
        eventually(lambda: first.poll() is not None)
        hand_out(run, "dify")
        processes.worker("threads", 2, "io")
        eventually(lambda: has(run, RunStatus.SUCCESS, attempt=2))
    assert paths(dify)[1:] == ["/v1/workflows/run", f"/v1/workflows/run/{RUN}"]


def test_a_script_that_does_not_end_in_time_is_lost_at_once(processes: Processes) -> None:
    script = "import time\nlog('begun')\ntime.sleep(100)"
    run = make.run(
        make.task(timezone.now(), script_content=script, cron_expression="0 0 1 1 *"), timezone.now()
    )
    hand_out(run, "script")
    worker = processes.worker("prefork", 1, "script")
    eventually(lambda: has(run, RunStatus.RUNNING, lines__isnull=False))
    os.kill(worker.pid, signal.SIGTERM)
    eventually(lambda: has(run, RunStatus.QUEUED, lost_count=1))
    eventually(lambda: worker.poll() is not None)
    assert Run.objects.get(pk=run.pk).lease_until is None
