"""The resources that one script may use."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Limits of one script.

    The defaults are those of a task that sets no limits of its own.
    """

    wall_seconds: float = 300
    cpu_seconds: int = 60
    memory_mb: int = 512
    nofile: int = 320
    threads: int = 64
    disk_mb: int = 64
    output_bytes: int = 1 << 20
    output_lines: int = 20_000
    result_bytes: int = 256 << 10
    calls: int = 5000
    frame_bytes: int = 8 << 20

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value <= 0:
                raise ValueError(f"{name} must be more than 0, not {value}")
