"""What really happened, by the receiving ends: they only append, and are never killed."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """One side effect. `at` is Unix time; `key` names the due time, see rules.py."""

    at: float
    end: str
    key: str


class Ledger:
    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)
        self._lock = threading.Lock()
        self.entries: list[Entry] = []

    def write(self, end: str, key: str) -> None:
        with self._lock:
            self.entries.append(entry := Entry(time.time(), end, key))
            self._file.write(f"{entry.at:.3f} {end} {key}\n")

    def close(self) -> None:
        self._file.close()

    def by_key(self) -> Mapping[str, list[Entry]]:
        found: dict[str, list[Entry]] = defaultdict(list)
        for entry in self.entries:
            found[entry.key].append(entry)
        return found
