"""Every attack, on every kind of host that this machine can be, as root and as an ordinary user.

The attacks of one kind run in one process of their own, started when the first test asks; a new attack is one new file.
"""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.tests.attack import Attack, all_attacks
from sandbox.tests.interpreters import NOBODY, python_for_nobody

# The first test of a kind waits for all of its attacks.
pytestmark = pytest.mark.timeout(3600)

_ROOT = Path(__file__).parents[2]
# Root's scripts run as nobody without namespaces, where nobody may read the interpreter.
_NOBODY_BELOW_ROOT = "nobody below root"
_USERS = ("as it is", "nobody", _NOBODY_BELOW_ROOT) if os.geteuid() == 0 else ("as it is",)
_HOSTS = {"L2": (), "L1": ("without-namespaces",)}
_KINDS = [(level, user) for level in _HOSTS for user in _USERS if (level, user) != ("L2", _NOBODY_BELOW_ROOT)]
_OUTPUT_LIMIT = 1 << 20
_LAST_LINE = 64 << 10  # the one that passes the limit stays whole, and a line says so
_OTHER_MACHINE = pytest.mark.skip("what it attacks is not there on this machine")
_ATTACKS = [
    pytest.param(attack, id=attack.name, marks=() if attack.is_of_this_machine else _OTHER_MACHINE)
    for attack in all_attacks()
]
_EVERY_ATTACK = pytest.mark.parametrize("attack", _ATTACKS)
_EVERY_KIND = pytest.mark.parametrize(("level", "user"), _KINDS)


@functools.cache
def _battery(level: str, user: str) -> dict[str, Any]:
    python = sys.executable
    options: dict[str, Any] = {}
    if user != "as it is":
        python = python_for_nobody()
    if user == "nobody":
        options = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    done = subprocess.run(
        [python, "-m", "sandbox.tests.battery", *_HOSTS[level]],
        cwd=_ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@_EVERY_KIND
def test_this_machine_gives_the_level_that_is_tested(level: str, user: str) -> None:
    report = _battery(level, user)
    assert report["level"] == level
    assert report["user"] == (NOBODY if user == "nobody" else os.getuid())
    if level == "L2" or user != "as it is":
        assert report["scripts_user"] == NOBODY


@_EVERY_KIND
@_EVERY_ATTACK
def test_an_attack_ends_as_it_must(attack: Attack, level: str, user: str) -> None:
    outcome = _battery(level, user)["outcomes"][attack.name]
    assert outcome["outcome"] in attack.expected(level), outcome["words"]
    assert outcome["intact"], "the host's file was changed"
    assert outcome["next"] == "clean", "the next script found something"
    assert outcome["connections"] == 0, "a connection outlived the script"
    assert outcome["output_bytes"] <= _OUTPUT_LIMIT + _LAST_LINE


@pytest.mark.parametrize("user", [user for level, user in _KINDS if level == "L2"])
@pytest.mark.parametrize(
    "attack", [attack for attack in all_attacks() if attack.has_control], ids=lambda attack: attack.name
)
def test_outside_the_jail_the_same_attack_succeeds(attack: Attack, user: str) -> None:
    assert _battery("L2", user)["controls"][attack.name].startswith("escaped")


def test_output_can_not_repaint_or_reorder_the_log() -> None:
    assert _battery("L2", "as it is")["outcomes"]["output_tricks"]["lines"] == [
        ["stdout", r"safe \u202egnp.exe  \u0000 \ud800 \u0085 \u2028"],
        ["log", "two"],
        ["log", r"lines \u2066x"],
    ]


def test_there_are_a_hundred_and_forty_attacks() -> None:
    assert len(all_attacks()) >= 140
