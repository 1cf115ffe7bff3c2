"""What becomes of a due time that is reached while earlier runs of its task are unfinished. Pure code.

With `skip` it is skipped. With `queue` one waits behind the earlier run, and others are skipped. With `replace` the
earlier runs are canceled, and it waits for that. With `allow` it runs beside them. Due times that are reached together
don't overlap with each other: they wait in line.
"""

from __future__ import annotations


def how_many_go(policy: str, reached: int, unfinished: int) -> int:
    """Return how many of the runs that are reached together may go, counted from the first.

    `reached` is their number; `unfinished` is that of the earlier runs that have not ended.
    """
    if not unfinished or policy in ("allow", "replace"):
        return reached
    return min(reached, 1) if policy == "queue" and unfinished == 1 else 0
