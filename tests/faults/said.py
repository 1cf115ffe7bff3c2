"""What the processes have logged of Celery tasks that raised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from tests.faults.verdict import Raised

# 2026-11-21 16:00:07,123 ERROR celery.app.trace Task notifications.drain[0b1c…] raised unexpected: OperationalError(…)
LINE = re.compile(
    r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3}) ERROR \S+ Task ([\w.]+)\[\S+\] raised ", re.MULTILINE
)


def raised(log: Path) -> Iterator[Raised]:
    """Their clock is of Django's time zone, and so is ours."""
    for at, task in LINE.findall(log.read_text(errors="replace")):
        yield Raised(task, datetime.strptime(at, "%Y-%m-%d %H:%M:%S,%f").timestamp())  # noqa: DTZ007
