"""Checks of the processes: does a beat tick, is every queue served, do messages leave, does web serve?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

import redis
from django.db import DatabaseError

from common import process_registry
from platform_site.doctor.finding import Finding, ok, problem, warning
from platform_site.observability import health


def beat() -> Iterator[Finding]:
    start = "Start `make up`, or `python -m platform_site.beat`."
    yield _findings_of(
        "beat", health.beat_ticks, lambda: f"{len(process_registry.living('beat'))} ticking", start
    )


def workers() -> Iterator[Finding]:
    start = "Start `make up`, or `python -m platform_site.worker QUEUE` (docs/operating.md)."
    yield _findings_of("workers", health.workers_listen, _workers, start)


def outbox() -> Iterator[Finding]:
    fix = "Check the log of the worker that serves `notify`, and restart it."
    with suppress(DatabaseError):  # the check of the database reports it
        yield _findings_of("outbox", health.outbox_moves, lambda: "no message is overdue", fix)


def web() -> Iterator[Finding]:
    """Look for a web process. That there is none is a warning only: due tasks run without it."""
    try:
        here = process_registry.living("web")
    except (redis.RedisError, OSError):
        return  # the check of Redis reports it
    if here:
        yield ok("web", "; ".join(f"{w.name}: {w.slots} threads" for w in here))
    else:
        start = "Start `make up`, or `python -m platform_site.web`, and check its output."
        yield warning("web", "no web process is running, so there are no pages, no API and no hooks", start)


def _findings_of(part: str, check: Callable[[], None], good: Callable[[], str], fix: str) -> Finding:
    try:
        check()
        return ok(part, good())
    except health.NotReadyError as error:
        return problem(part, str(error), fix)
    except (redis.RedisError, OSError):
        return problem(part, "unknown, because Redis does not answer", fix)


def _workers() -> str:
    return "; ".join(
        f"{w.name}: {', '.join(w.queues)}, {w.slots} slots" for w in process_registry.living("worker")
    )
