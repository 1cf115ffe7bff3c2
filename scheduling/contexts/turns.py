"""A database connection for a moment.

An io worker's hundreds of threads wait for others most of the time, and then often want to write all at once: when
Dify comes back, when a herd is due. MySQL gives 151 connections to everybody by default.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

AT_ONCE = 16  # of one process's attempts

_turns = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Waits for one's turn; afterwards this thread holds no connection. Not to be nested."""
    with _turns:
        try:
            yield
        finally:
            connection.close()
