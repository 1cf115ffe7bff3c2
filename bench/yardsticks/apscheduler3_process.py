"""Jobs of APScheduler 3 that are due in the same second.

`python -m bench.yardsticks.apscheduler3_process DUE GRACE` prints how many ran and when the last one did.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.events import EVENT_JOB_EXECUTED, EVENT_JOB_MISSED
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

SECONDS_TO_ADD = 0.02  # per job, each a commit of its own; the due time has to come after them all


def nothing() -> None:
    """Do nothing. The store keeps this job by its name."""


def herd(due: int, grace_seconds: int | None, folder: Path) -> dict[str, float]:
    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(f"sqlite:///{folder / 'jobs.sqlite3'}")},
        job_defaults={"misfire_grace_time": grace_seconds},
        timezone=UTC,
    )
    ran: list[float] = []
    missed: list[float] = []
    ended = threading.Event()

    def count(event: object) -> None:
        (ran if getattr(event, "code", 0) == EVENT_JOB_EXECUTED else missed).append(time.time())
        if len(ran) + len(missed) == due:
            ended.set()

    scheduler.add_listener(count, EVENT_JOB_EXECUTED | EVENT_JOB_MISSED)
    scheduler.start(paused=True)
    at = (datetime.now(UTC) + timedelta(seconds=2 + due * SECONDS_TO_ADD)).replace(microsecond=0)
    for _ in range(due):
        scheduler.add_job("bench.yardsticks.apscheduler3_process:nothing", "date", run_date=at)
    if datetime.now(UTC) > at:
        raise TimeoutError("the jobs were due before they were all there")
    scheduler.resume()
    ended.wait()
    scheduler.shutdown()
    return {"ran": len(ran), "missed": len(missed), "last_s": round(max(ran or missed) - at.timestamp(), 2)}


def main(due: str, grace: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(herd(int(due), None if grace == "none" else int(grace), Path(folder))))


if __name__ == "__main__":
    main(*sys.argv[1:])
