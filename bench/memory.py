"""The memory of a whole platform as `make up` starts it, idle: fresh, and after it has run some scripts."""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from bench.row import Row
from testing.platform import Platform
from testing.process_tree import Seen

TINY = {"seconds": 1, "runs": 2}
# By the first word of these that stands in its command line, a process has a role. Zygotes are forked from no worker.
ROLES = {
    "guard.py": "guards",
    "supervisor": "supervisor",
    "redis-server": "Redis",
    "sandbox.guest": "zygotes",
    "platform_site.web": "web",
    "platform_site.beat": "beat",
    "worker io": "io",
    "worker notify": "notify",
    "worker script": "script",
    "platform_site.flower": "Flower",
}
POD = ("script", "zygotes")


def measure(seconds: int = 30, runs: int = 100) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, Platform(Path(folder) / "data") as platform:
        time.sleep(seconds)
        fresh = platform.seen()
        rows = [_tree("idle `make up`: PSS", fresh), _pod("idle script worker with 4 slots, alone", fresh)]
        _run_scripts(platform, runs)
        time.sleep(seconds)
        used = platform.seen()
        after = f"after {runs} scripts"
        return [*rows, _tree(f"the same {after}: PSS", used), _pod(f"script worker {after}, alone", used)]


def _run_scripts(platform: Platform, count: int) -> None:
    task = {"schedule_type": "cron", "cron_expression": "0 0 29 2 *", "execution_type": "script"}
    body = task | {
        "task_name": "memory",
        "tenant_id": "default",
        "script_content": "log('hello')\nresult = 1",
    }
    made = platform.call("POST", "/api/scheduled-tasks", body, expected=201)["id"]
    for _ in range(count):
        platform.call("POST", f"/api/scheduled-tasks/{made}/run", expected=202)
    platform.ended(made, min(count, 100))


def _tree(what: str, seen: Iterable[Seen]) -> Row:
    by_role: dict[str, float] = defaultdict(float)
    for process in seen:
        by_role[_role(process)] += _memory(process.pid).get("Pss", 0)
    details = {role: round(megabytes, 1) for role, megabytes in by_role.items()}
    return Row(what, round(sum(by_role.values()), 1), "MB", 600, 400, details=details)


def _pod(what: str, seen: Iterable[Seen]) -> Row:
    """Count as in a pod: what is read from files is there once, shared with nothing outside."""
    found = [_memory(process.pid) for process in seen if _role(process) in POD]
    own = sum(one["Pss_Anon"] + one["Pss_Shmem"] for one in found)
    files = max(one["Rss"] - one["Anonymous"] for one in found)
    return Row(what, round(own + files, 1), "MB", 200, 150, details={"processes": len(found)})


def _role(process: Seen) -> str:
    return next((role for words, role in ROLES.items() if words in process.command), "others")


def _memory(pid: int) -> dict[str, float]:
    """Return the figures of /proc/PID/smaps_rollup in MB, none of a process that has just ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError):
        return {}
    return {name.rstrip(":"): int(kilobytes) / 1024 for name, kilobytes, *_ in map(str.split, lines)}
