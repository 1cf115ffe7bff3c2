"""What becomes of due times that are reached late. Pure code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

# Beat looks at least this often: a due time can't be expected to be reached sooner, even with no grace at all.
TICK = timedelta(seconds=1)


def is_late(due: datetime, reached_at: datetime, grace: timedelta) -> bool:
    """Return whether this is a misfire: the due time is reached later than its grace and a tick of beat allow."""
    return reached_at - due > grace + TICK


def find_missed(
    dues: Sequence[datetime], reached_at: datetime, policy: str, grace: timedelta, *, more: bool = False
) -> set[datetime]:
    """Return which of the due times that are reached together must not run; `more`: later ones are late, too.

    `fire_once` runs the latest of the late ones, `fire_all` every one, `skip` none.
    """
    late = [due for due in dues if is_late(due, reached_at, grace)]
    if policy == "fire_all":
        return set()
    return set(late[:-1] if policy == "fire_once" and not more else late)
