"""Measures what has to be fast, beside yardsticks on the same machine in the same minutes.

usage: python -m bench [NAME…]    DATABASE_URL names an empty MariaDB, as .ci/services does; see docs/benchmarks.md
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import django

from bench import report
from bench.row import Row
from common.crypto import new_key
from testing.ports import free_port
from testing.servers.redis_server import RedisServer

ENVIRONMENT = {
    "DJANGO_SETTINGS_MODULE": "platform_site.config.settings",
    "SECRET_KEY": "only-for-benchmarks-" + "x" * 40,
    "ENCRYPTION_KEYS": new_key(),
    "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8",
    "DIFY_CONCURRENT_RUNS": "1000",
}


def main(names: list[str]) -> int:
    if "DATABASE_URL" not in os.environ:
        sys.exit("DATABASE_URL is not set: run this by `make bench`.")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, RedisServer(port, Path(folder)):
        os.environ |= ENVIRONMENT
        os.environ |= {"PLATFORM_DATA_DIR": folder, "REDIS_URL": f"redis://127.0.0.1:{port}/0"}
        django.setup()
        return run(names, Path(folder))


def run(names: list[str], folder: Path) -> int:
    """Run the measures, all of them if `names` is empty, and return how many failed.

    The imports are in here because they need the settings, which need the servers.
    """
    from bench import stage
    from bench.machine import machine, versions, yardsticks
    from bench.measures import MEASURES

    if unknown := set(names) - set(MEASURES):
        sys.exit(f"No such measure: {', '.join(unknown)}. There are {', '.join(MEASURES)}.")
    stage.build()
    about = {"machine": machine(), "versions": versions(), "yardsticks": yardsticks(folder)}
    print(*(f"{part}: {facts_text(facts)}" for part, facts in about.items()), sep="\n", flush=True)
    rows: list[Row] = []
    failed = 0
    for name in names or MEASURES:
        stage.clear()
        began = time.monotonic()
        try:
            found = MEASURES[name].measure()
        except Exception:  # a measure that fails must not lose the others' figures
            traceback.print_exc()
            failed += 1
            continue
        report.keep(name, found, {"at": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"} | about)
        print(f"{name} took {time.monotonic() - began:.0f} s", flush=True)
        rows += found
    print(report.table(rows))
    return failed


def facts_text(facts: dict[str, Any]) -> str:
    return ", ".join(f"{name} {fact}" for name, fact in facts.items())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
