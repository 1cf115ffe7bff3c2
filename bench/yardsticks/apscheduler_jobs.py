"""A yardstick: APScheduler 3 with its SQLite job store, and jobs that are all due at once."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, JobExecutionEvent
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

PATIENCE_SECONDS = 300
GRACE_SECONDS = 600  # APScheduler's default of one second would drop most of the jobs


def nothing() -> None:
    return


def script() -> None:
    subprocess.run([sys.executable, "-c", "print('hello')"], check=True, capture_output=True)


def seconds(job: Callable[[], None], count: int) -> float:
    """Return the seconds from when all jobs are due until the last has ended. Raises RuntimeError if one fails."""
    with tempfile.TemporaryDirectory() as folder:
        store = SQLAlchemyJobStore(url=f"sqlite:///{Path(folder) / 'jobs.sqlite3'}")
        scheduler = BackgroundScheduler(jobstores={"default": store}, timezone=UTC)
        ended = _Ended(count)
        scheduler.add_listener(ended.hear, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
        scheduler.start(paused=True)
        for _ in range(count):
            scheduler.add_job(
                job, "date", run_date=datetime.now(UTC), misfire_grace_time=GRACE_SECONDS, max_instances=count
            )
        began = time.monotonic()
        scheduler.resume()
        ended.wait()
        took = time.monotonic() - began
        scheduler.shutdown()
        return took


class _Ended:
    def __init__(self, count: int) -> None:
        self.left, self.fault = count, ""
        self.lock, self.all = threading.Lock(), threading.Event()

    def hear(self, event: JobExecutionEvent) -> None:
        with self.lock:
            self.left -= 1
            self.fault = self.fault or str(event.exception or "")
            if self.left == 0:
                self.all.set()

    def wait(self) -> None:
        if not self.all.wait(PATIENCE_SECONDS) or self.fault:
            raise RuntimeError(self.fault or f"{self.left} jobs of APScheduler never ended")
