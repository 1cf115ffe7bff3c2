"""Starts a zygote and probes how well it can hold a script, before it may run anything."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.host.attend import attend
from sandbox.host.errors import SandboxUnavailableError
from sandbox.host.level import Level, level_without, probe_level
from sandbox.host.limits import Limits
from sandbox.host.result import JSON, Result
from sandbox.host.script import Script
from sandbox.host.zygote import Zygote

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Admission:
    """The level that a host must provide. `unsafe`: it may provide none. `on_start` gets the level of each zygote."""

    min_level: int = 1
    unsafe: bool = False
    on_start: Callable[[Level], None] = field(default=lambda level: None)

    def start(self, make: Callable[[], Zygote]) -> tuple[Zygote, Level]:
        """Return the zygote that `make` starts, and its level. Raises SandboxUnavailableError below `min_level`."""
        zygote = make()
        try:
            level = level_without(zygote.missing) or probe_level(
                lambda source, params: _probe(zygote, source, params), zygote.missing
            )
            self.on_start(level)
            self._admit(level)
        except BaseException:
            zygote.close()
            raise
        return zygote, level

    def _admit(self, found: Level) -> None:
        needed = max(self.min_level, 1)
        if found.number >= needed:
            return
        reasons = "; ".join(found.reasons)
        if not self.unsafe:
            raise SandboxUnavailableError(f"This host reaches {found}, but L{needed} is required: {reasons}")
        _log.warning("SCRIPTS RUN UNSAFELY: this host gives %s: %s", found, reasons)


def _probe(zygote: Zygote, source: str, params: Mapping[str, JSON]) -> Result:
    script, limits = Script(source, params=params), Limits(wall_seconds=10)
    return attend(zygote, script, {}, limits, lambda stream, text: None, lambda: False, lambda: None)
