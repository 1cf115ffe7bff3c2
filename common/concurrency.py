"""Places for requests that wait for something outside: a script's test run, a robot, a Dify server, a database.

Each holds one of the web process's 16 threads for as long as the outside takes. Together with those that wait for live
lines (scheduling.api.long_polling) they may take half of the threads; the other half always answers at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

MAX_PLACES, MAX_OF_ONE = 5, 3
RETRY_AFTER_SECONDS = 5

_lock = Lock()
_places_taken: Counter[str] = Counter()


class NoPlaceError(Exception):
    """Too many callers are waiting already; the caller may try again in RETRY_AFTER_SECONDS."""


@contextmanager
def hold_place(whose: str | None) -> Iterator[None]:
    """Hold a place while the block runs. Raises NoPlaceError if none is free.

    `whose` is a tenant, which gets no more than MAX_OF_ONE places; None is the global tenant.
    """
    key = whose or ""
    with _lock:
        if _places_taken.total() >= MAX_PLACES or _places_taken[key] >= MAX_OF_ONE:
            raise NoPlaceError
        _places_taken[key] += 1
    try:
        yield
    finally:
        with _lock:
            _places_taken[key] -= 1
