"""`manage.py doctor`: looks at every part from where it stands, and says how to mend what it finds.

finding     what is said
database, keys, broker, processes, host, calendars, dify    one part each: a list of checks
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from platform_site.doctor import broker, calendars, database, dify, host, keys, processes
from platform_site.doctor.finding import Finding

CHECKS: dict[str, Callable[[], Iterator[Finding]]] = {
    "settings": host.check_settings,
    "database": database.findings,
    "keys": keys.findings,
    "redis": broker.findings,
    "beat": processes.beat,
    "workers": processes.workers,
    "outbox": processes.outbox,
    "web": processes.web,
    "sandbox": host.sandbox,
    "outbound": host.outbound,
    "disk": host.disk,
    "calendars": calendars.findings,
    "dify": dify.findings,
}


def examine() -> list[Finding]:
    return [finding for check in CHECKS.values() for finding in check()]
