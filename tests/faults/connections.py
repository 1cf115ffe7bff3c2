"""What goes wrong with a database's connections while the server itself stays: by an operator, a pool, a reader.

The server may be frozen or away at the same time, by another lane's fault: then there is nothing to do.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from random import Random

import pymysql
from pymysql.cursors import Cursor

PAUSE_SECONDS = 0.2
READERS = 4
# Reads all runs against all others of their task: seconds of work for thousands of rows, and no lock.
LONG_READ = """
    SELECT SUM(LENGTH(one.output) + LENGTH(other.error)) FROM platform_task_logs one
    JOIN platform_task_logs other ON other.task_id = one.task_id
"""
OTHERS = "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND command <> 'Daemon'"


def kill_single(port: int, random: Random, seconds: float) -> None:
    """One connection after another, whoever has it and whatever it is just doing."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(pymysql.err.Error), _connected(port) as cursor:
            cursor.execute(OTHERS)
            if others := [row[0] for row in cursor.fetchall()]:
                cursor.execute(f"KILL CONNECTION {random.choice(others)}")
        time.sleep(PAUSE_SECONDS)


def use_up(port: int, seconds: float) -> None:
    """All that the server has, so that nobody gets a new one; what the platform has open goes on."""
    until = time.monotonic() + seconds
    with ExitStack() as stack:
        while time.monotonic() < until:
            try:
                stack.enter_context(_connected(port))
            except pymysql.err.Error:  # too many connections: the next that is given back is ours, too
                time.sleep(PAUSE_SECONDS)


def leave_open(port: int, seconds: float) -> None:
    """A transaction that has read everything, has locked its latest task, and does nothing any more."""
    until = time.monotonic() + seconds
    with suppress(pymysql.err.Error), _connected(port) as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT COUNT(*) FROM platform_task_logs")
        cursor.execute("SELECT id FROM platform_scheduled_tasks ORDER BY id DESC LIMIT 1 FOR UPDATE")
        time.sleep(max(0.0, until - time.monotonic()))
        cursor.execute("ROLLBACK")


def read_long(port: int, seconds: float) -> None:
    """Reports that somebody runs beside the platform, several at once."""
    readers = [threading.Thread(target=_read_on, args=(port, seconds)) for _ in range(READERS)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()


def _read_on(port: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        with (
            suppress(pymysql.err.Error),
            _connected(port) as cursor,
        ):  # its time may be over before it has read all
            cursor.execute(f"SET max_statement_time = {left}")
            cursor.execute(LONG_READ)
        time.sleep(PAUSE_SECONDS)


@contextmanager
def _connected(port: int) -> Iterator[Cursor]:
    """A connection of root's; it may be gone by the time it is closed."""
    connection = pymysql.connect(
        host="127.0.0.1",
        port=port,
        user="root",
        database="platform",
        autocommit=True,
        connect_timeout=5,
        read_timeout=60,
    )
    try:
        yield connection.cursor()
    finally:
        with suppress(pymysql.err.Error):
            connection.close()
