"""300 Dify runs streaming at once in one io worker process, and what a stream of large lines costs.

usage: python -m bench.dify [--streams N] [--cancels N]    DATABASE_URL and REDIS_URL name empty stores
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.settings")
os.environ.setdefault("OUTBOUND_ALLOWED_NETWORKS", "127.0.0.0/8")
os.environ.setdefault("DIFY_CONCURRENT_RUNS", "1000")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.streaming_dify import StreamingDify  # noqa: E402
from scheduling.clients.dify import Patience  # noqa: E402
from scheduling.clients.dify.reading import RunReader  # noqa: E402
from scheduling.engine.publish import publish  # noqa: E402
from scheduling.engine.transitions import cancel  # noqa: E402
from scheduling.models import Run, RunLine, RunStatus, ScheduledTask  # noqa: E402
from scheduling.tests import make  # noqa: E402

PATIENCE_SECONDS = 300
WATCHED_SECONDS = 20
PIECE, LINE, LEAST = 64 << 10, 2 << 20, 5_000_000  # bytes: at a time, of a line, of a stream


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--cancels", type=int, default=30)
    args = parser.parse_args()
    call_command("migrate", verbosity=0)
    with StreamingDify() as dify:
        figures = streamed(dify, args.streams, args.cancels)
    figures["parse"] = parsed()
    print(json.dumps({"bench": "dify", "machine": machine()} | figures, indent=2))


def streamed(dify: StreamingDify, streams: int, cancels: int) -> dict[str, Any]:
    task = dify_task(dify.url)
    runs = [make.run(task, timezone.now()) for _ in range(streams)]
    command = ("worker", "--pool", "threads", "--concurrency", str(streams), "--queues", "io")
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "celery_app", "--quiet", *command, "--loglevel", "ERROR"],
        stdout=sys.stderr,
    )
    try:
        began = time.monotonic()
        publish((run.trace_id, "dify") for run in runs)
        until(lambda: Run.objects.filter(task=task).exclude(external_id="").count() == streams)
        all_open = time.monotonic() - began
        time.sleep(WATCHED_SECONDS)
        held = connections(worker.pid)
        figures = {
            "streams": dify.open,
            "all_open_s": round(all_open, 1),
            "rss_mb": round(memory_kb(worker.pid, "VmRSS") / 1024),
            "rss_peak_mb": round(memory_kb(worker.pid, "VmHWM") / 1024),
            "threads": int(status(worker.pid, "Threads")),
            "database_connections": held,
            "line_lag_s": lags(task),
            "cancel_s": summary([canceled_after(run) for run in runs[:cancels]]),
        }
        dify.end_all()
        until(lambda: not Run.objects.filter(task=task, status=RunStatus.RUNNING).exists())
        ends = Run.objects.filter(task=task).values_list("status", flat=True)
        return figures | {"ended": {state: list(ends).count(state) for state in sorted(set(ends))}}
    finally:
        worker.terminate()
        worker.wait()


def dify_task(url: str) -> ScheduledTask:
    return make.task(
        timezone.now(),
        execution_type="dify",
        dify_url=url,
        dify_api_key="app-bench",
        overlap_policy="allow",
        cron_expression="0 0 1 1 *",
    )


def canceled_after(run: Run) -> float:
    """Seconds from the request to the run's end in the database."""
    began = time.monotonic()
    cancel(run, timezone.now(), "bench")
    until(lambda: Run.objects.filter(pk=run.pk, status=RunStatus.CANCELED).exists(), pause=0.02)
    return time.monotonic() - began


def lags(task: ScheduledTask) -> dict[str, float]:
    """From when Dify sent a node to when its run's thread had read it: a starved thread would be late."""
    since = timezone.now() - timedelta(seconds=WATCHED_SECONDS)
    lines = RunLine.objects.filter(run__task=task, text__startswith="→", at__gte=since)
    return summary(
        [at.timestamp() - float(text.split(" ")[1]) for at, text in lines.values_list("at", "text")]
    )


def connections(pid: int) -> int:
    """That the worker holds: sockets to MySQL, open files of SQLite."""
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE db = DATABASE()")
            return int(cursor.fetchone()[0]) - 1  # ours
    name = str(connection.settings_dict["NAME"])
    return sum(os.readlink(entry) == name for entry in Path(f"/proc/{pid}/fd").iterdir())


def parsed() -> dict[str, float]:
    """CPU seconds for 5 MB in lines of 2 MB, in pieces as they come from a socket."""
    text = "读\u2028x" * (LINE // 7)
    line = json.dumps({"event": "text_chunk", "data": {"text": text}}, ensure_ascii=False).encode()
    end = {"event": "workflow_finished", "workflow_run_id": "r", "data": {"status": "succeeded"}}
    body = b"data: %s\n\n" % line * -(-LEAST // len(line)) + b"data: " + json.dumps(end).encode() + b"\n\n"
    times = []
    for _ in range(5):
        began = time.process_time()
        RunReader(Patience(), lambda event: None, time.monotonic).read(_Pieces(body))  # type: ignore[arg-type]
        times.append(time.process_time() - began)
    return {"bytes": len(body), "line_bytes": len(line), "cpu_s": round(statistics.median(times), 3)}


class _Pieces:
    read_seconds = 0.0

    def __init__(self, body: bytes) -> None:
        self.body = body

    def iter_bytes(self) -> Iterator[bytes]:
        return (self.body[at : at + PIECE] for at in range(0, len(self.body), PIECE))


def until(done: Callable[[], bool], pause: float = 0.2) -> None:
    give_up = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if time.monotonic() > give_up:
            raise TimeoutError("it never came true")
        time.sleep(pause)


def summary(seconds: list[float]) -> dict[str, float]:
    values = sorted(seconds)
    return {
        "count": len(values),
        "p50": round(statistics.median(values), 3),
        "p99": round(values[int(0.99 * (len(values) - 1))], 3),
        "max": round(values[-1], 3),
    }


def status(pid: int, name: str) -> str:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{name}:"))


def memory_kb(pid: int, name: str) -> int:
    return int(status(pid, name))


def machine() -> dict[str, Any]:
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": model[0].partition(": ")[2] if model else platform.processor(),
        "cores": os.cpu_count(),
        "load": [round(load, 1) for load in os.getloadavg()],
        "python": platform.python_version(),
        "database": connection.vendor,
        "at": timezone.now().isoformat(timespec="seconds"),
    }


if __name__ == "__main__":
    main()
