"""What the figures were taken on: the machine, the versions, and how fast its disk and servers are by themselves."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.db import connection

from common.redis_client import client

SECONDS = 2.0  # for each yardstick
MESSAGE = "x" * 1000  # about the size of a run's message
PIPELINE = 500


def machine() -> dict[str, Any]:
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": model[0].partition(": ")[2] if model else platform.processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(pages / 2**30, 1),
        "kernel": platform.release(),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def versions() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT VERSION(), @@innodb_flush_log_at_trx_commit")
        server, flush = cursor.fetchone()
    packages = {
        name: version(name) for name in ("django", "celery", "kombu", "django-celery-beat", "apscheduler")
    }
    servers = {"mariadb": server, "innodb_flush_log_at_trx_commit": str(flush)}
    return (
        {"python": platform.python_version(), "redis": str(client().info()["redis_version"])}
        | servers
        | packages
    )


def yardsticks(folder: Path) -> dict[str, float]:
    """Measure, per second: fsyncs of 4 KB, commits of one row, messages put on Redis singly and in pipelines."""
    return {
        "fsync_per_s": _rate(_fsync(folder)),
        "commits_per_s": _rate(_commit()),
        "redis_publishes_per_s": _rate(lambda: client().lpush("yardstick", MESSAGE)),
        "redis_pipelined_publishes_per_s": _rate(_pipeline) * PIPELINE,
    }


def _rate(step: Callable[[], object]) -> float:
    began, steps = time.monotonic(), 0
    while (took := time.monotonic() - began) < SECONDS:
        step()
        steps += 1
    return round(steps / took, 1)


def _fsync(folder: Path) -> Callable[[], None]:
    path = folder / "fsync"

    def step() -> None:
        with path.open("wb") as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())

    return step


def _commit() -> Callable[[], None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE yardstick (id BIGINT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(1000))")

    def step() -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO yardstick (text) VALUES (%s)", [MESSAGE])

    return step


def _pipeline() -> None:
    with client().pipeline(transaction=False) as pipeline:
        for _ in range(PIPELINE):
            pipeline.lpush("yardstick", MESSAGE)
        pipeline.execute()
