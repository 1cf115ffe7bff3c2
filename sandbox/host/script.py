"""A script that is to be run."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.host.limits import Limits
from sandbox.host.result import JSON


@dataclass(frozen=True)
class Context:
    """The run that a script belongs to.

    Instants are ISO 8601 with an offset; `timezone` is an IANA name. Raises ValueError for an unknown time zone.
    """

    task_id: int | None = None
    tenant_id: str | None = None
    trace_id: str = ""
    timezone: str = "Asia/Shanghai"
    due_at: str | None = None
    window_start: str | None = None
    window_end: str | None = None

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)  # it goes into the guest's environment
        except (KeyError, OSError, ValueError) as error:  # unknown, a directory's name, a path
            raise ValueError(f"no such time zone: {self.timezone}") from error


@dataclass(frozen=True)
class Script:
    """A script. `import_paths` are the directories of its dependencies, each within the runner's `deps_dirs`."""

    source: str
    filename: str = "script.py"
    context: Context = field(default_factory=Context)
    params: Mapping[str, JSON] = field(default_factory=dict)
    import_paths: Sequence[str] = ()

    def order(self, grants: Sequence[str], limits: Limits) -> dict[str, Any]:
        """Return the order that is sent to the guest."""
        return {
            "source": self.source,
            "filename": self.filename,
            "context": asdict(self.context),
            "params": dict(self.params),
            "grants": sorted(grants),
            "import_paths": [os.path.realpath(path) for path in self.import_paths],
            "frame_bytes": limits.frame_bytes,
            "result_bytes": limits.result_bytes,
        }
