"""The names that every template may use, whatever kind of task it belongs to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from scheduling.execution import Occasion

TIME_FORMAT = "%Y-%m-%d %H:%M:%S"
# A name in double braces, or in single ones for the two names that the old system filled in.
PLACE = re.compile(r"\{\{\s{0,9}([a-z_]{1,64}(?:\.\w{1,64}){0,8})\s{0,9}\}\}|\{(due_at|trace_id)\}")

# The roots of the names that every template may use, and of those that a message may use.
NAMES = frozenset({*Occasion.__dataclass_fields__, "task", "run", "window"})
MESSAGE_NAMES = NAMES | {"outputs"}
SINGLE_BRACES = re.compile(r"(?<!\{)\{\s{0,9}(([a-z_]{1,64})(?:\.\w{1,64}){0,8})\s{0,9}\}(?!\})")


def names_in_single_braces(template: str) -> list[str]:
    """Return the names that a template has in single braces, which are no place of Jinja's: each once."""
    return list(
        dict.fromkeys(name for name, root in SINGLE_BRACES.findall(template) if root in MESSAGE_NAMES)
    )


def names_of(occasion: Occasion, time_format: str = TIME_FORMAT, **more: Any) -> dict[str, Any]:
    """Return the names that templates see: `task`, `run`, `window`, `params` and `more`, and the older bare names.

    Times in `run` and `window` are local to the task, in `time_format`; bare ones are ISO 8601 in UTC. `window` is None
    for a run that has none.
    """
    window = None
    if occasion.window_start and occasion.window_end:
        window = {
            "start": local_time(occasion, occasion.window_start, time_format),
            "end": local_time(occasion, occasion.window_end, time_format),
        }
    due_at = local_time(occasion, occasion.due_at, time_format)
    return {
        **asdict(occasion),
        "task": {"id": occasion.task_id, "name": occasion.task_name, "tenant_id": occasion.tenant_id},
        "run": {"trace_id": occasion.trace_id, "due_at": due_at, "params": occasion.params},
        "window": window,
        **more,
    }


def local_time(occasion: Occasion, instant: str | None, time_format: str) -> str:
    if instant is None:
        return ""
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(occasion.timezone)).strftime(time_format)


def filled(text: str, names: Mapping[str, Any]) -> str:
    """Fill in the names in `text` whose values are texts or numbers; everything else stays as it is.

    No template is rendered: a parameter may come from an outside caller, and may hold braces of its own.
    """
    old = {"due_at": names["run"]["due_at"], "trace_id": names["trace_id"]}

    def fill(place: re.Match[str]) -> str:
        value = old[place[2]] if place[2] else _looked_up(place[1], names)
        return str(value) if isinstance(value, str | int | float) else place[0]

    return PLACE.sub(fill, text)


def _looked_up(path: str, names: Mapping[str, Any]) -> Any:
    value: Any = names
    for step in path.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value
