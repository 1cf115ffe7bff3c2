"""10,000 tasks due in the same second among 100,000: how long until the last message is in Redis.

usage: python -m bench.herd [--tasks N] [--due K] [--beats B]    DATABASE_URL and REDIS_URL name empty stores
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "platform_site.settings")
django.setup()

from common.redis_client import client  # noqa: E402
from scheduling.engine import presence  # noqa: E402
from scheduling.models import Run, ScheduledTask  # noqa: E402
from tenants.models import Tenant  # noqa: E402

TENANTS, EXPRESSIONS = 100, 60


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--due", type=int, default=10_000)
    parser.add_argument("--beats", type=int, default=1)
    return parser.parse_args()


def set_up(tasks: int, due: int, at: datetime) -> None:
    """The due ones have 60 cron expressions that all name `at`; the others are due tomorrow."""
    Run.objects.all().delete()
    ScheduledTask.objects.all().delete()
    client().flushdb()
    Tenant.objects.bulk_create(
        [Tenant(code=f"t{n}", name=f"Tenant {n}") for n in range(TENANTS)], ignore_conflicts=True
    )
    local = at.astimezone(UTC)
    rows = []
    for n in range(tasks):
        minute = local.minute if n < due else (local.minute + 7) % 60
        days = f"{n % EXPRESSIONS + 1}" if n % EXPRESSIONS < 28 else "*"
        cron = f"{minute} {local.hour} */1 * *" if n < due else f"{minute} {(local.hour + 5) % 24} {days} * *"
        if n < due:
            cron = f"{minute} {local.hour}-{min(23, local.hour + n % EXPRESSIONS % 10)} */1 * *"
        row = ScheduledTask(
            task_name=f"task {n}",
            tenant_id=f"t{n % TENANTS}",
            schedule_type="cron",
            cron_expression=cron,
            timezone="UTC",
            script_content="result = None",
        )
        row.next_run_at = at if n < due else at + timedelta(hours=5, minutes=n % 600)
        rows.append(row)
    for first in range(0, tasks, 2000):
        ScheduledTask.objects.bulk_create(rows[first : first + 2000])


def main() -> None:
    args = arguments()
    setup_seconds = 25 + args.tasks / 1000  # beat writes rows 20 s ahead: it has to be up by then
    at = datetime.now(UTC) + timedelta(seconds=setup_seconds + 60)
    at = at.replace(second=0, microsecond=0)
    set_up(args.tasks, args.due, at)
    worker = presence.Presence("worker", "bench", ["script"], args.due)
    threading.Thread(target=presence.announce_for_ever, args=(worker, threading.Event()), daemon=True).start()
    environ = dict(os.environ)
    beats = [
        subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", "celery_app", "beat", "--loglevel", "error"], env=environ
        )
        for _ in range(args.beats)
    ]
    times, seen, first = [], 0, None
    while seen < args.due and time.time() < at.timestamp() + 60:
        presence_due = time.time()
        seen = client().llen("script")
        if seen and first is None:
            first = presence_due - at.timestamp()
        times.append((presence_due, seen))
        time.sleep(0.005)
    last = time.time() - at.timestamp()
    for beat in beats:
        beat.terminate()
    for beat in beats:
        beat.wait()
    ids = {json.loads(text)["headers"]["id"] for text in client().lrange("script", 0, -1)}
    print(
        json.dumps(
            {
                "tasks": args.tasks,
                "due": args.due,
                "beats": args.beats,
                "first_s": first and round(first, 3),
                "last_s": round(last, 3),
                "messages": client().llen("script"),
                "unique": len(ids),
                "rows": Run.objects.count(),
                "at_in_future_when_started": round(at.timestamp() - times[0][0], 1),
            }
        )
    )


if __name__ == "__main__":
    main()
