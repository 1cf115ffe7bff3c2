"""What people and programs look at with 5 million runs: the REST API and the admin, through the web process."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import User
from django.test import Client

from bench import past_runs, tasks
from bench.processes import Processes
from bench.row import Row, summary
from scheduling.beat import daily_counts
from tenants import tokens
from tenants.access import SYSTEM
from testing.patience import eventually
from testing.ports import free_port

TINY = {"runs": 200, "enabled": 10, "requests_per_page": 3}
PATIENCE_SECONDS = 300
ADMIN = "/admin/scheduling"
WARM, MIN_ASKED = 1, 4  # answers that only warm caches; answers at least, these included
SECONDS_EACH = 10.0


def measure(runs: int = 5_000_000, enabled: int = 10_000, requests_per_page: int = 100) -> list[Row]:
    tasks.fill(enabled)
    now = datetime.now(UTC)
    past_runs.fill(runs, enabled, now)
    daily_counts.recount(now)
    root = User.objects.create_superuser("root", password="only-for-benchmarks")
    port = free_port()
    headers = {
        "Authorization": f"Bearer {tokens.issue(root, 'bench', SYSTEM)[1]}",
        "Cookie": _logged_in(root, port),
    }
    with Processes() as processes:
        processes.web(port)
        eventually(lambda: _answers(port), PATIENCE_SECONDS)
        return [
            _measured_page(port, headers, requests_per_page, f"{what}, {runs:,} runs", path, *marks)
            for what, (path, *marks) in _paths(now).items()
        ]


def _logged_in(user: User, port: int) -> str:
    browser = Client()
    browser.force_login(user)
    return f"platform_session_{port}={browser.session.session_key}"


def _paths(now: datetime) -> dict[str, tuple[str, float | None, float | None]]:
    """Return, by what is asked for: path, must and goal; both are in ms, or None if nothing is promised."""
    yesterday = (now - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    logs = "/api/task-logs"
    return {
        "run list": (logs, 50, 20),
        "run list, created since yesterday": (f"{logs}?created_from={yesterday}", None, None),
        "run list, of a tenant": (f"{logs}?tenant_id=t7", None, None),
        "run list, failed ones": (f"{logs}?status=failed", None, None),
        "run list, by error code": (f"{logs}?error_code=timeout", None, None),
        "run list, by a frequent word": (f"{logs}?search=task", None, None),
        "run list, by a word that is nowhere": (f"{logs}?search=nowhere", None, None),
        "task list": ("/api/scheduled-tasks", None, None),
        "statistics (what the dashboard asks)": ("/api/stats", None, None),
        "admin, overview": ("/admin/", 300, None),
        "admin, runs": (f"{ADMIN}/run/", 300, None),
        "admin, failed runs": (f"{ADMIN}/run/?status__exact=failed", 300, None),
        "admin, runs of a tenant": (f"{ADMIN}/run/?tenant__code__exact=t7", 300, None),
        "admin, runs by a word that is nowhere": (f"{ADMIN}/run/?q=nowhere", 300, None),
        "admin, tasks": (f"{ADMIN}/scheduledtask/", 300, None),
        "admin, tasks by a word": (f"{ADMIN}/scheduledtask/?q=task+77", 300, None),
    }


def _answers(port: int) -> bool:
    with closing(http.client.HTTPConnection("127.0.0.1", port)) as asking, suppress(OSError):
        return _get(asking, "/healthz", {}) == 200
    return False


def _measured_page(
    port: int,
    headers: Mapping[str, str],
    times: int,
    what: str,
    path: str,
    must: float | None,
    goal: float | None,
) -> Row:
    """Measure the milliseconds of an answer over one kept connection.

    A slow page is asked for less often, and one whose status is not 200 misses its mark.
    """
    took: list[float] = []
    statuses: set[int] = set()
    began = time.monotonic()
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_SECONDS)) as kept:
        while len(took) < MIN_ASKED or (len(took) < times and time.monotonic() - began < SECONDS_EACH):
            since = time.monotonic()
            statuses.add(_get(kept, path, headers))
            took.append(1000 * (time.monotonic() - since))
    figures = summary(took[WARM:])
    details = {"path": path, "statuses": sorted(statuses)} | figures
    if statuses != {200}:
        must, goal = 0, None
    return Row(f"{what}: p50", figures["p50"], "ms", must, goal, details=details)


def _get(kept: http.client.HTTPConnection, path: str, headers: Mapping[str, str]) -> int:
    kept.request("GET", path, headers=dict(headers))
    answer = kept.getresponse()
    answer.read()
    return answer.status
