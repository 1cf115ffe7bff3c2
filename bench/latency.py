"""The time from a request to run a task now until its trivial script is finished and recorded."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User

from bench import platform
from bench.processes import Processes
from bench.row import Row, percentile, summary
from scheduling.models import ScheduledTask
from tenants import tokens
from tenants.access import SYSTEM
from testing.patience import eventually
from testing.ports import free_port

TINY = {"rounds": 2}
SLOTS = settings.SCRIPT_SLOTS
PAUSE_SECONDS = 0.05


def measure(rounds: int = 200) -> list[Row]:
    port = free_port()
    with Processes(PLATFORM_PORT=str(port)) as processes:
        platform.start(processes, SLOTS)
        (task,) = platform.tasks(1)
        committed = _timed(lambda: _after_commit(task), rounds)
        processes.web(port)
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: _answers(f"{url}/healthz"))
        ask = _request(f"{url}/api/scheduled-tasks/{task.pk}/run")
        rest = _timed(lambda: _by_rest(ask), rounds)
    return [
        _row("request committed → script finished and recorded, p50", committed, 25, 15),
        _row("POST …/run → script finished and recorded, p50", rest, 45, 25),
    ]


def _row(what: str, times: list[float], must: float, goal: float) -> Row:
    return Row(what, percentile(times, 50), "ms", must, goal, details=summary(times) | {"processes": SLOTS})


def _timed(once: Callable[[], float], rounds: int) -> list[float]:
    """Measure `rounds` calls and return the milliseconds of each, after three that open connections."""
    times = []
    for _ in range(rounds + 3):
        time.sleep(PAUSE_SECONDS)
        times.append(1000 * once())
    return times[3:]


def _after_commit(task: ScheduledTask) -> float:
    began = time.monotonic()
    run_id = platform.run_now(task)
    platform.closely(lambda: platform.has_succeeded(run_id))
    return time.monotonic() - began


def _by_rest(ask: urllib.request.Request) -> float:
    began = time.monotonic()
    with urllib.request.urlopen(ask) as answer:
        run_id = json.load(answer)["log_id"]
    platform.closely(lambda: platform.has_succeeded(run_id))
    return time.monotonic() - began


def _request(url: str) -> urllib.request.Request:
    user = User.objects.create_superuser("bench")
    _, token = tokens.issue(user, "bench", SYSTEM, tenant=None, role="", expires_at=None)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    return urllib.request.Request(url, b"{}", headers)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url):
            return True
    except OSError:
        return False
