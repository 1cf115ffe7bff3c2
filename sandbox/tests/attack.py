"""An attack is one file under `attacks/`: a script with a header that says what must come of it.

    # attack: what it tries
    # expect: stopped | memory_limit        outcomes, any of which is right
    # expect L1: escaped                    at that level instead, a limit that is known and documented
    # control: yes                          outside the jail it escapes; or: no, and why that isn't tried

A script says `result = "stopped…"` or `"escaped…"`; one that ends otherwise has its error code as outcome.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_DIRECTORY = Path(__file__).with_name("attacks")
_HEADER = re.compile(r"^# (attack|expect(?: L\d)?|control): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Attack:
    name: str
    source: str
    header: dict[str, str]

    def expected(self, level: str) -> set[str]:
        return set(self.header.get(f"expect {level}", self.header["expect"]).split(" | "))

    @property
    def has_control(self) -> bool:
        return self.header["control"] == "yes"


def all_attacks() -> list[Attack]:
    return [_read(path) for path in sorted(_DIRECTORY.glob("*.py"))]


def _read(path: Path) -> Attack:
    source = path.read_text()
    return Attack(path.stem, source, dict(_HEADER.findall(source)))
