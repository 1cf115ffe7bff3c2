"""How well this host can hold a script, found out by attacks that a throw-away script really tries.

L3   namespaces, Landlock, seccomp and a cgroup
L2   without the cgroup
L1   Landlock, seccomp and rlimits: default Docker, Kubernetes
L0   something that L1 needs is missing
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.host.result import JSON, Result
from sandbox.system_calls import NUMBERS

_PROBE = Path(__file__).with_name("probe.py")
_CGROUP_CONTROLLERS = Path("/sys/fs/cgroup/cgroup.controllers")
# The probe's attacks that only namespaces stop.
_BY_NAMESPACES = frozenset({"see a file of the host", "see the host's processes", "see the host's name"})


@dataclass(frozen=True)
class Level:
    """A sandbox level. `reasons`: why it is not higher, one sentence each. `stopped`: the attacks that failed."""

    number: int
    reasons: tuple[str, ...]
    stopped: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"L{self.number}"


def level_without(missing: Mapping[str, str]) -> Level | None:
    """Return L0 if the zygote already knows that a needed layer is missing; None if a probe has to decide."""
    needed = [f"{layer}: {why}" for layer, why in missing.items() if layer != "namespaces"]
    return Level(0, tuple(needed)) if needed else None


def probe_level(run: Callable[[str, Mapping[str, JSON]], Result], missing: Mapping[str, str]) -> Level:
    """Return the level that the probe finds. `run` runs a script, given its source and params."""
    # In a directory of its own: scripts have a /tmp of their own, where a file right below it could be made.
    with tempfile.TemporaryDirectory(prefix="sandbox-probe-") as directory:
        canary = Path(directory, "canary")
        canary.touch()
        result = run(_PROBE.read_text(), {"canary": str(canary), "calls": NUMBERS})
    if result.status != "success":
        return Level(0, (f"the probe failed: {result.error}",))
    stopped = tuple(name for name, escaped in result.result.items() if not escaped)
    escaped = tuple(name for name, escaped in result.result.items() if escaped)
    return _judge(stopped, escaped, missing)


def _judge(stopped: tuple[str, ...], escaped: tuple[str, ...], missing: Mapping[str, str]) -> Level:
    holes = tuple(f"a script can {name}" for name in escaped if name not in _BY_NAMESPACES)
    if holes:
        return Level(0, holes, stopped)
    if escaped:
        denied = missing.get("namespaces", "not effective")
        return Level(1, (f"namespaces: {denied}", *(f"a script can {name}" for name in escaped)), stopped)
    return Level(2, (_why_no_cgroup(),), stopped)


def _why_no_cgroup() -> str:
    offered = _CGROUP_CONTROLLERS.read_text().split() if _CGROUP_CONTROLLERS.exists() else []
    if {"memory", "pids"} <= set(offered):
        return "cgroup: this host has version 2, but limits by cgroup have never been tried and are not used"
    return "cgroup: version 2 with the controllers memory and pids is not here, so L3 could not be tried"
