"""What `make bench` measures: one module each, with `measure` and the sizes that a test can afford."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bench import (
    burst,
    dify,
    disk,
    herd,
    idle_beat,
    import_pandas,
    latency,
    memory,
    own_line,
    pages,
    runs,
    sandbox_alone,
    script_network,
    steady,
)
from bench.row import Row


class Measure(Protocol):
    """`measure` takes sizes by name, all with defaults; `TINY` holds the sizes for a test.

    `measure` begins with an empty, migrated database and an empty Redis, and ends all that it has started.
    """

    @property
    def TINY(self) -> Mapping[str, Any]: ...  # noqa: N802  a module's constant

    def measure(self, *args: Any, **sizes: Any) -> list[Row]: ...


MEASURES: dict[str, Measure] = {
    "herd": herd,
    "steady": steady,
    "idle_beat": idle_beat,
    "pages": pages,
    "dify": dify,
    "sandbox": sandbox_alone,
    "network": script_network,
    "pandas": import_pandas,
    "latency": latency,
    "burst": burst,
    "own_line": own_line,
    "runs": runs,
    "disk": disk,
    "memory": memory,
}
