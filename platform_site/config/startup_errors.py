"""Errors that an operator can mend are printed in one line; a traceback is for faults of the platform."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from platform_site.config.env import SettingError

KEYS = (
    "A stored secret can't be decrypted with these ENCRYPTION_KEYS: run `manage.py doctor` "
    "to see which one and what to do."
)


@contextmanager
def one_line_errors() -> Iterator[None]:
    """End the process with code 1 and one line on standard error where an operator can mend the error.

    Any other error is raised; with `--traceback` every error is, to show where it came from.
    """
    try:
        yield
    except Exception as error:
        message = error_text(error)
        if not message or "--traceback" in sys.argv:
            raise
        sys.exit(message)


def error_text(error: Exception) -> str:
    """Return what is wrong in one line, "" for an error that nobody foresaw."""
    if isinstance(error, SettingError):
        return f"Invalid setting {error}"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return _service_error_text(error)


def _service_error_text(error: Exception) -> str:
    """Return what an error of Redis, the keys or the database means, "" for any other.

    The libraries are imported only here: a wrong setting stops the start before Django is loaded.
    """
    from django.db import DatabaseError
    from django.db.utils import InterfaceError
    from kombu.exceptions import OperationalError as BrokerAway
    from redis import RedisError

    from common.crypto import UndecryptableError

    if isinstance(error, RedisError | BrokerAway):
        return (
            f"Redis does not answer: {error}. Check that `make up` is running, or that REDIS_URL is correct."
        )
    if isinstance(error, UndecryptableError):
        return KEYS
    if isinstance(error, DatabaseError | InterfaceError):
        return _database_error_text(str(error.args[-1] if error.args else error))
    return ""


def _database_error_text(why: str) -> str:
    if "no such table" in why or "no such column" in why or "doesn't exist" in why or "Unknown column" in why:
        return f"The database is not up to date ({why}): run `manage.py migrate`."
    return f"The database does not answer: {why}. Check that it is running and that DATABASE_URL is correct."
