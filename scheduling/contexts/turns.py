"""A database connection for a moment.

An io worker's hundreds of threads wait for others most of the time, and then often want to write all at once: when
Dify comes back, when a herd is due. MySQL gives 151 connections to everybody by default. A script worker's process
runs one script at a time, in its main thread: it keeps its connection, to open one costs as much as a run's writes.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections, connection

AT_ONCE = 16  # of one process's attempts

_turns = threading.BoundedSemaphore(AT_ONCE)


@contextmanager
def turn() -> Iterator[None]:
    """Waits for one's turn; afterwards a thread beside others holds no connection. Not to be nested."""
    with _turns:
        close_old_connections()  # one that broke since the last turn
        try:
            yield
        finally:
            if threading.current_thread() is not threading.main_thread():
                connection.close()
