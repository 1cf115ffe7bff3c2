"""A platform under load while everything it is made of is killed, frozen and emptied; then the verdict.

usage: python -m tests.faults [--seed N] [--seconds 300] [--tasks 200] [--times 3] …    MariaDB and Redis are its own
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random, SystemRandom
from urllib.parse import urlsplit

import django

from testing.ports import free_port

FOLDER = Path(tempfile.mkdtemp(prefix="faults-"))
DATABASE_PORT = free_port()
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "tests.settings",  # it chooses the port of Redis
    "DATABASE_URL": f"mysql://root@127.0.0.1:{DATABASE_PORT}/platform",
    "PLATFORM_DATA_DIR": str(FOLDER),
    "LOG_LEVEL": "WARNING",
    "DIFY_CONCURRENT_RUNS": "1000",  # all tasks share a key: thousands of runs would wait for ten places
}
django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from common import process_registry  # noqa: E402
from tenants import tokens  # noqa: E402
from tenants.access import SYSTEM  # noqa: E402
from testing import callers  # noqa: E402
from testing.patience import eventually  # noqa: E402
from testing.processes import Processes  # noqa: E402
from testing.servers.mariadb import MariaDb  # noqa: E402
from testing.servers.redis_server import RedisServer  # noqa: E402
from tests.faults.asking import Asking  # noqa: E402
from tests.faults.burst import Burst, slower  # noqa: E402
from tests.faults.crew import Crew  # noqa: E402
from tests.faults.outages import Outages  # noqa: E402
from tests.faults.outside import Outside  # noqa: E402
from tests.faults.plan import FAULTS, Force, lanes  # noqa: E402
from tests.faults.rules import KINDS, Rule, key_of, rules  # noqa: E402
from tests.faults.said import raised  # noqa: E402
from tests.faults.storm import Storm  # noqa: E402
from tests.faults.tasks import Tasks, counts  # noqa: E402
from tests.faults.verdict import Demand, Evidence, violations  # noqa: E402

REDIS_PORT = urlsplit(settings.REDIS_URL).port or 6379
# Until the first due time: all tasks must stand by then, on a slow machine too.
START_SECONDS, START_SECONDS_A_TASK, START_SECONDS_A_BURST_RUN = 10.0, 0.25, 0.2
READY_SECONDS = 300.0
LOG = "log-of-processes"
SHOWN = 40  # violations


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(1_000_000))
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--tasks", type=int, default=200)
    parser.add_argument("--times", type=int, default=3, help="each fault strikes so often")
    parser.add_argument("--freeze", type=float, default=20, help="seconds of a SIGSTOP")
    parser.add_argument("--away", type=float, default=60, help="seconds without a database, or Redis")
    parser.add_argument("--outage", type=float, default=45, help="seconds without a beat")
    parser.add_argument(
        "--outages",
        type=int,
        default=120,
        help="tasks that have slept 5 s to 10 min, by their clock; 0: none",
    )
    parser.add_argument(
        "--burst", type=int, default=300, help="runs that measure the speed before and after; 0: none"
    )
    parser.add_argument("--only", nargs="*", choices=FAULTS, default=FAULTS)
    parser.add_argument("--app", default="celery_app", help="Celery's: a mutant's, to see it found out")
    parser.add_argument("--keep", action="store_true", help="ledger and logs stay, whatever the verdict")
    parser.add_argument("--patience", type=float, default=400, help="seconds in which something must move on")
    return parser.parse_args()


def main() -> int:
    asked = arguments()
    print(f"seed {asked.seed}: {asked.tasks} tasks for {asked.seconds:g} s, in {FOLDER}", flush=True)
    found = judged(asked)
    for violation in found[:SHOWN]:
        print(f"  {violation}")
    print(f"{len(found)} violations" if found else "No due time lost, none run twice, no message lost.")
    if not found and not asked.keep:
        shutil.rmtree(FOLDER)
    return 1 if found else 0


def judged(asked: argparse.Namespace) -> list[str]:
    random = Random(asked.seed)
    with ExitStack() as stack:
        outside = stack.enter_context(Outside(FOLDER / "ledger", random))
        database = stack.enter_context(MariaDb(DATABASE_PORT, FOLDER))
        redis = stack.enter_context(RedisServer(REDIS_PORT, FOLDER))
        call_command("migrate", verbosity=0)
        _, token = tokens.issue(callers.user("root", is_superuser=True), "faults", SYSTEM)
        processes = stack.enter_context(Processes(app=asked.app, log=FOLDER / LOG))
        crew = stack.enter_context(Crew(processes, web_port := free_port()))
        eventually(lambda: len(process_registry.living("worker")) == 6, READY_SECONDS)
        eventually(lambda: len(process_registry.living("beat")) == 2, READY_SECONDS)
        begin, end = span(asked)
        named = rules(asked.tasks, begin, end, random)
        tasks = Tasks(outside, named)
        burst = Burst(asked.burst) if asked.burst else None
        speed = burst.speed() if burst else 0.0
        connection.close()  # it is a platform's from now on
        assert datetime.now(UTC) < begin, "the machine is too slow to make so many tasks in time"
        storm = Storm(crew, database, redis, random)
        sleep_until(begin)
        with Asking(web_port, token, tasks.by_hand) as asking:
            storm.rage(lanes(force(asked), random))
            sleep_until(end)
        demands = demanded(named, asking)
        until_quiet(len(demands), asked.patience)
        evidence = Evidence(
            demands,
            outside.ledger.by_key(),
            outside.shown(),
            tasks.rows(),
            storm.struck,
            frozenset(asking.unsure),
            crew.fallen,
        )
        slow = slower(speed, burst.speed()) if burst else []
        late: list[str] = []
        if asked.outages:
            outages = Outages(tasks, outside, random)
            storm.struck += outages.strike(asked.outages, crew, database, redis)
            until_quiet(len(demands) + outages.demands, asked.patience)
            late = outages.violations()
        evidence = replace(evidence, raised=list(raised(FOLDER / LOG)))
        connection.close()
    report(evidence)
    return violations(evidence) + late + slow


def span(asked: argparse.Namespace) -> tuple[datetime, datetime]:
    """From half a second to half a second: at neither end is anything due."""
    start = START_SECONDS + asked.tasks * START_SECONDS_A_TASK + asked.burst * START_SECONDS_A_BURST_RUN
    begin = datetime.now(UTC) + timedelta(seconds=start)
    begin = begin.replace(microsecond=500_000)
    return begin, begin + timedelta(seconds=asked.seconds)


def force(asked: argparse.Namespace) -> Force:
    return Force(asked.seconds, asked.times, asked.freeze, asked.away, asked.outage, asked.only)


def sleep_until(at: datetime) -> None:
    time.sleep(max(0.0, at.timestamp() - time.time()))


def demanded(named: list[Rule], asking: Asking) -> list[Demand]:
    planned = [
        Demand(
            key_of(rule.number, due),
            rule.kind,
            rule.overlap,
            bool(rule.robot),
            rule.misfire,
            rule.grace,
            rule.number,
            due.timestamp(),
        )
        for rule in named
        for due in rule.dues()
    ]
    return planned + [Demand(key, KINDS[turn]) for key, turn in asking.promised.items()]


def until_quiet(demands: int, patience: float) -> None:
    """Until every run and message has ended, or nothing has moved on for a long time: the verdict will tell."""
    seen, moved = counts(), time.monotonic()
    while time.monotonic() - moved < patience:
        runs, unfinished, messages = now = counts()
        if runs >= demands and not unfinished and not messages:
            return
        if now != seen:
            print(
                f"waiting: {runs} of {demands} runs, {unfinished} unfinished, {messages} messages", flush=True
            )
            seen, moved = now, time.monotonic()
        time.sleep(5)


def report(evidence: Evidence) -> None:
    rows = evidence.rows
    effects = [entry for entries in evidence.effects.values() for entry in entries]
    lines = {
        "faults": Counter(one.name for one in evidence.struck),
        "ended by themselves, started again": evidence.fallen,
        "demands": Counter(demand.kind for demand in evidence.demands),
        "effects in the ledger": Counter(entry.end for entry in effects),
        "of these again": {"again": len(effects) - len(evidence.effects)},
        "rows": Counter(f"{row.status} {row.error_code}".strip() for row in rows),
        "Celery tasks that raised, whenever": Counter(one.task for one in evidence.raised),
        "attempts lost with their worker": {"lost": sum(row.lost_count for row in rows)},
        "deliveries": Counter(status for row in rows for status in row.deliveries),
        "messages in groups": {"shown": sum(evidence.shown.values())},
    }
    for what, counted in lines.items():
        print(f"{what}: {', '.join(f'{name} {count}' for name, count in sorted(counted.items())) or 'none'}")


if __name__ == "__main__":
    sys.exit(main())
