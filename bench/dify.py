"""300 Dify runs streaming at once in one io worker process, and what a stream of large lines costs."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from django.db import connection
from django.utils import timezone

from bench.processes import Processes, usage
from bench.row import Row, percentile, summary
from bench.streaming_dify import StreamingDify
from scheduling.kinds.dify.client import Patience
from scheduling.kinds.dify.client.reading import RunReader
from scheduling.lifecycle.publish import publish
from scheduling.lifecycle.transitions import cancel
from scheduling.models import Run, RunLine, RunStatus, ScheduledTask
from scheduling.tests import make
from testing.patience import eventually

TINY = {"streams": 3, "cancels": 1, "watched_seconds": 2, "rounds": 1}
PATIENCE_SECONDS = 300
PIECE, LINE, LEAST = 64 << 10, 2 << 20, 5_000_000  # bytes per read, per line, and per stream at least


def measure(streams: int = 300, cancels: int = 30, watched_seconds: int = 20, rounds: int = 5) -> list[Row]:
    with StreamingDify() as dify, Processes() as processes:
        rows = _streamed(dify, processes, streams, cancels, watched_seconds)
    return [*rows, _parsed(rounds)]


def _streamed(
    dify: StreamingDify, processes: Processes, streams: int, cancels: int, watched_seconds: int
) -> list[Row]:
    task = dify_task(dify.url)
    runs = [make.run(task, timezone.now()) for _ in range(streams)]
    worker = processes.worker("threads", streams, "io")
    began = time.monotonic()
    publish((run.trace_id, "dify") for run in runs)
    called = Run.objects.filter(task=task).exclude(external_id="")
    eventually(lambda: called.count() == streams, PATIENCE_SECONDS)
    all_open = time.monotonic() - began
    time.sleep(watched_seconds)
    used, held, late = usage(worker.pid), connections(worker.pid), lags(task, watched_seconds)
    canceled = [canceled_after(run) for run in runs[:cancels]]
    dify.end_all()
    eventually(lambda: not called.filter(status=RunStatus.RUNNING).exists(), PATIENCE_SECONDS)
    ends = dict(Counter(called.values_list("status", flat=True)))
    what = f"{streams} Dify streams in one io worker"
    details = {"all_open_s": round(all_open, 1), "threads": used.threads, "ended": ends}
    return [
        Row(f"{what}: RSS", used.rss_mb, "MB", 400, details=details),
        Row(f"{what}: a node sent → read, p99", percentile(late, 99), "s", 1, details=summary(late)),
        Row(f"{what}: cancel → ended, slowest", max(canceled), "s", 3, details=summary(canceled)),
        Row(f"{what}: database connections held", held, "", 3),
    ]


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
    """Cancel the run, and return the seconds from the request to the run's end in the database."""
    began = time.monotonic()
    cancel(run, timezone.now(), "bench")
    while not Run.objects.filter(pk=run.pk, status=RunStatus.CANCELED).exists():
        if time.monotonic() - began > PATIENCE_SECONDS:
            raise TimeoutError("a cancel was not heard")
        time.sleep(0.02)
    return time.monotonic() - began


def lags(task: ScheduledTask, seconds: int) -> list[float]:
    """Return, for each node of the last `seconds`, the seconds from when Dify sent it until its run's thread read it.

    A starved thread would be late.
    """
    since = timezone.now() - timedelta(seconds=seconds)
    lines = RunLine.objects.filter(run__task=task, text__startswith="→", at__gte=since)
    return [at.timestamp() - float(text.split(" ")[1]) for at, text in lines.values_list("at", "text")]


def connections(pid: int) -> int:
    """Return how many connections the worker holds: sockets to MySQL, or open files of SQLite."""
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE db = DATABASE()")
            return int(cursor.fetchone()[0]) - 1  # without our own
    name = str(connection.settings_dict["NAME"])
    return sum(os.readlink(entry) == name for entry in Path(f"/proc/{pid}/fd").iterdir())


def _parsed(rounds: int) -> Row:
    """Measure the CPU seconds to read 5 MB in lines of 2 MB, in pieces as they come from a socket."""
    text = "读\u2028x" * (LINE // 7)
    line = json.dumps({"event": "text_chunk", "data": {"text": text}}, ensure_ascii=False).encode()
    end = {"event": "workflow_finished", "workflow_run_id": "r", "data": {"status": "succeeded"}}
    body = b"data: %s\n\n" % line * -(-LEAST // len(line)) + b"data: " + json.dumps(end).encode() + b"\n\n"
    times = []
    for _ in range(rounds):
        began = time.process_time()
        RunReader(Patience(), lambda event: None, time.monotonic).read(_Pieces(body))  # type: ignore[arg-type]
        times.append(time.process_time() - began)
    details = {"bytes": len(body), "line_bytes": len(line)}
    return Row(
        "Dify stream of 5 MB in lines of 2 MB: CPU", statistics.median(times), "s", 0.1, details=details
    )


class _Pieces:
    read_seconds = 0.0

    headers: Mapping[str, str] = {}

    def __init__(self, body: bytes) -> None:
        self.body = body

    def iter_bytes(self) -> Iterator[bytes]:
        return (self.body[at : at + PIECE] for at in range(0, len(self.body), PIECE))
