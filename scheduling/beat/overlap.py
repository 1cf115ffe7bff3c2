"""What a due time does that is reached while earlier runs of its task are unfinished. Pure.

`skip`: it is skipped. `queue`: one waits behind the earlier one, others are skipped. `replace`: the earlier ones are
canceled and it waits for that. `allow`: it runs beside. Due times that are reached together don't overlap with each
other: they wait in line.
"""

from __future__ import annotations


def how_many_go(policy: str, reached: int, unfinished: int) -> int:
    """Of so many runs that are reached together, the first of them; `unfinished`: so many earlier ones are."""
    if not unfinished or policy in ("allow", "replace"):
        return reached
    return min(reached, 1) if policy == "queue" and unfinished == 1 else 0
