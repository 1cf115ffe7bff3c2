"""What a script asks of the platform's own database: a server that restarts is no fault of the script."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, Protocol, TypeVar

from django.db import InterfaceError, OperationalError

from common.database_errors import is_away

P = ParamSpec("P")
T = TypeVar("T")
PAUSE_SECONDS = 0.5


class Clock(Protocol):
    @property
    def seconds_left(self) -> float: ...

    def canceled(self) -> bool: ...


def patient(ask: Callable[P, T], clock: Clock) -> Callable[P, T]:
    """Return `ask`, repeated while the database is away and the run has time: it may be done more than once."""

    @wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        while True:
            try:
                return ask(*args, **kwargs)
            except (OperationalError, InterfaceError) as error:
                if not is_away(error) or clock.canceled() or clock.seconds_left < PAUSE_SECONDS:
                    raise
                time.sleep(PAUSE_SECONDS)

    return asked
