"""A real worker gets the signal of a soft shutdown while it has work: what becomes of its runs, and that it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from redis import Redis

from common import process_registry
from scheduling.grants.vars import Vars
from scheduling.lifecycle.publish import publish
from scheduling.models import Run, RunStatus
from scheduling.tests import make
from scheduling.tests.worker.dify_task import NO_INPUTS, dify_task, paths, run_of
from testing.frozen import frozen
from testing.patience import eventually
from testing.processes import Processes
from testing.servers.dify_replay import DifyReplay, replays, transcript
from testing.servers.redis_server import RedisServer
from testing.servers.webhook import Call, Webhook

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[3]
RUN = "ea8856c4-1493-4c12-8731-73bbe93ba964"
WAITS = """
import time
log("begun")
while not get_var("go"):
    time.sleep(0.1)
"""

# Its last object goes when Python no longer handles signals, and takes longer than the alarm.
ENDS_SLOWLY = """
import signal, time
import celery_app, django
django.setup()
from django.conf import settings
from scheduling import tasks

class Last:
    def __del__(self, wait=time.sleep):
        wait(1.5)

last = Last()
settings.SOFT_SHUTDOWN_SECONDS = 1
signal.signal(signal.SIGALRM, lambda *_: None)
tasks._end_softly()
"""


@pytest.fixture
def processes(monkeypatch: pytest.MonkeyPatch) -> Iterator[Processes]:
    monkeypatch.setenv("SOFT_SHUTDOWN_SECONDS", "12")
    with Processes() as running:
        yield running


def script(content: str) -> Run:
    now = timezone.now()
    return make.run(make.task(now, script_content=content, cron_expression="0 0 1 1 *"), now)


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


def test_what_a_thread_has_not_begun_is_left_to_the_next_worker_at_once(
    processes: Processes, redis: Redis
) -> None:
    stalled = replays(transcript("ok_streaming")).until(2500, "stall")
    with DifyReplay(NO_INPUTS, stalled) as dify:
        task = dify_task(dify)
        run, next_run = run_of(task), run_of(task)
        hand_out(run, "dify")
        worker = processes.worker("threads", 1, "io")
        eventually(lambda: has(run, RunStatus.RUNNING, external_id=RUN))
        hand_out(next_run, "dify")
        eventually(lambda: redis.hlen("unacked") == 1)
        os.kill(worker.pid, signal.SIGTERM)
        eventually(lambda: redis.llen("io") == 1 or has(next_run, RunStatus.QUEUED, published_at=None))
        assert worker.wait(300) == 0


def test_a_script_that_does_not_end_in_time_is_lost_at_once(processes: Processes) -> None:
    run = script("import time\nlog('begun')\ntime.sleep(100)")
    hand_out(run, "script")
    worker = processes.worker("prefork", 1, "script")
    eventually(lambda: has(run, RunStatus.RUNNING, lines__isnull=False))
    os.kill(worker.pid, signal.SIGTERM)
    eventually(lambda: has(run, RunStatus.QUEUED, lost_count=1))
    eventually(lambda: worker.poll() is not None)
    assert Run.objects.get(pk=run.pk).lease_until is None


def test_a_webhook_that_does_not_end_in_time_is_lost_at_once(processes: Processes) -> None:
    over = threading.Event()

    def answer(_: Call) -> tuple[int, object]:
        over.wait()
        return 200, {}

    with Webhook(answer) as webhook:
        now = timezone.now()
        task = make.task(now, execution_type="webhook", webhook_url=webhook.url, cron_expression="0 0 1 1 *")
        run = make.run(task, now)
        hand_out(run, "webhook")
        processes.environ |= {"SOFT_SHUTDOWN_SECONDS": "4", "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8"}
        worker = processes.worker("threads", 2, "io")
        eventually(lambda: webhook.calls)
        os.kill(worker.pid, signal.SIGTERM)
        eventually(lambda: has(run, RunStatus.QUEUED, lost_count=1, lease_until=None))
        assert worker.wait(300) == 0
        over.set()


@pytest.fixture
def patient(processes: Processes) -> Processes:
    """Workers that would wait for a day."""
    processes.environ["SOFT_SHUTDOWN_SECONDS"] = "86400"
    return processes


def test_a_worker_ends_when_its_last_script_has_ended(patient: Processes, redis: Redis) -> None:
    """And what it had taken and not begun is another worker's meanwhile."""
    run, next_run, worker = busy(patient, redis)
    heard(worker, redis)
    patient.worker("prefork", 1, "script")
    eventually(lambda: has(next_run, RunStatus.SUCCESS, attempt=1))
    assert has(run, RunStatus.RUNNING)
    let_go(run)
    assert worker.wait(300) == 0
    assert has(run, RunStatus.SUCCESS, attempt=1)


def test_a_second_signal_does_not_wait(patient: Processes, redis: Redis) -> None:
    run, _, worker = busy(patient, redis)
    heard(worker, redis)
    os.kill(worker.pid, signal.SIGTERM)
    eventually(lambda: has(run, RunStatus.QUEUED, lost_count=1))
    assert worker.wait(300) == 0


@pytest.mark.parametrize("away", ["stopped", "frozen"])
def test_a_worker_without_redis_waits_for_its_script_too(
    patient: Processes, redis: Redis, redis_server: RedisServer, away: str
) -> None:
    run, _, worker = busy(patient, redis)
    with redis_server.stopped() if away == "stopped" else frozen(redis_server.pid):
        os.kill(worker.pid, signal.SIGTERM)
        let_go(run)
        eventually(lambda: has(run, RunStatus.SUCCESS, attempt=1))
        assert worker.wait(300) == 0


@pytest.mark.parametrize(("pool", "queue"), [("prefork", "script"), ("threads", "io")])
def test_a_worker_that_has_nothing_to_do_ends(patient: Processes, pool: str, queue: str) -> None:
    worker = patient.worker(pool, 2, queue)
    eventually(lambda: process_registry.living("worker"))
    os.kill(worker.pid, signal.SIGTERM)
    assert worker.wait(300) == 0


def busy(processes: Processes, redis: Redis) -> tuple[Run, Run, subprocess.Popen[bytes]]:
    """What a worker runs, what it has taken and not begun, and the worker."""
    run, next_run = script(WAITS), script("result = 1")
    hand_out(run, "script")
    worker = processes.worker("prefork", 1, "script")
    eventually(lambda: has(run, RunStatus.RUNNING, lines__isnull=False))
    hand_out(next_run, "script")
    eventually(lambda: redis.hlen("unacked") == 1)
    return run, next_run, worker


def heard(worker: subprocess.Popen[bytes], redis: Redis) -> None:
    os.kill(worker.pid, signal.SIGTERM)
    eventually(lambda: redis.hlen("unacked") == 0)


def let_go(run: Run) -> None:
    assert run.task
    Vars(run.task.pk, run.task.tenant_id).set_var("go", True, "task")


def test_the_alarm_does_not_kill_a_worker_that_ends() -> None:
    done = subprocess.run([sys.executable, "-c", ENDS_SLOWLY], cwd=ROOT)
    assert done.returncode == 0
