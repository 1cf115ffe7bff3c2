"""An attack is one file under `attacks/`: a script with a header that says what must come of it.

    # attack: what it tries
    # expect: stopped | memory_limit        outcomes, any of which is right
    # expect L1: escaped                    at that level instead, a limit that is known and documented
    # control: yes                          outside the jail it escapes; or: no, and why that isn't tried
    # calls: clone clone3                   system calls that it makes by number: get_param("calls") has the numbers
    # calls x86_64: fork                    further ones, which only that machine has
    # machine: x86_64                       what it attacks is there on that machine only
    # network: off                          it is tried without a network, otherwise with one of a single open port

A line goes on in the next one with the same beginning. A script says `result = "stopped…"` or `"escaped…"`; one that
ends otherwise has its error code as outcome.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sandbox.system_calls import MACHINE
from sandbox.tests.call_numbers import number_of

_DIRECTORY = Path(__file__).with_name("attacks")
_HEADER = re.compile(
    r"^# (attack|expect(?: L\d)?|control|calls(?: \w+)?|machine|network): (.+)$", re.MULTILINE
)


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

    @property
    def has_network(self) -> bool:
        return self.header.get("network") != "off"

    @property
    def is_of_this_machine(self) -> bool:
        return self.header.get("machine", MACHINE) == MACHINE

    def call_numbers(self) -> dict[str, int]:
        """Return the numbers on this machine of the calls that it makes by number."""
        names = " ".join(self.header.get(key, "") for key in ("calls", f"calls {MACHINE}"))
        return {name: number_of(name) for name in names.split()}


def all_attacks() -> list[Attack]:
    return [_read(path) for path in sorted(_DIRECTORY.glob("*.py"))]


def _read(path: Path) -> Attack:
    source = path.read_text()
    header: dict[str, str] = {}
    for key, value in _HEADER.findall(source):
        header[key] = f"{header[key]} {value}" if key in header else value
    return Attack(path.stem, source, header)
