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

# The first test of a kind waits for all of its attacks.
pytestmark = pytest.mark.timeout(3600)

_ROOT = Path(__file__).parents[2]
_NOBODY = 65534
_USERS = ("as it is", "nobody") if os.geteuid() == 0 else ("as it is",)
_HOSTS = {"L2": (), "L1": ("without-namespaces",)}
_OUTPUT_LIMIT = 1 << 20
_EVERY_ATTACK = pytest.mark.parametrize("attack", all_attacks(), ids=lambda attack: attack.name)
_EVERY_USER = pytest.mark.parametrize("user", _USERS)
_EVERY_HOST = pytest.mark.parametrize("level", _HOSTS)


@functools.cache
def _battery(level: str, user: str) -> dict[str, Any]:
    python = sys.executable
    options: dict[str, Any] = {}
    if user == "nobody":
        python = _python_for_nobody()
        options = {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}
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


@functools.cache
def _python_for_nobody() -> str:
    """This interpreter may lie where only its owner goes."""
    question = "import sys; sys.exit(sys.version_info < (3, 11))"
    for python in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3"):
        try:
            done = subprocess.run(
                [python, "-c", question], user=_NOBODY, group=_NOBODY, extra_groups=[], check=False
            )
        except OSError:
            continue
        if done.returncode == 0:
            return python
    raise AssertionError(
        "no Python from 3.11 on that an ordinary user may start: the attacks can't be tried as one"
    )


@_EVERY_USER
@_EVERY_HOST
def test_this_machine_gives_the_level_that_is_tested(level: str, user: str) -> None:
    report = _battery(level, user)
    assert report["level"] == level
    assert report["user"] == (_NOBODY if user == "nobody" else os.getuid())


@_EVERY_USER
@_EVERY_HOST
@_EVERY_ATTACK
def test_an_attack_ends_as_it_must(attack: Attack, level: str, user: str) -> None:
    outcome = _battery(level, user)["outcomes"][attack.name]
    assert outcome["outcome"] in attack.expected(level), outcome["words"]
    assert outcome["intact"], "the host's file was changed"
    assert outcome["next"] == "clean", "the next script found something"
    assert outcome["output_bytes"] <= _OUTPUT_LIMIT + 100


@_EVERY_USER
@pytest.mark.parametrize(
    "attack", [attack for attack in all_attacks() if attack.has_control], ids=lambda attack: attack.name
)
def test_outside_the_jail_the_same_attack_succeeds(attack: Attack, user: str) -> None:
    assert _battery("L2", user)["controls"][attack.name].startswith("escaped")


def test_output_can_not_repaint_or_reorder_the_log() -> None:
    assert _battery("L2", "as it is")["outcomes"]["output_tricks"]["lines"] == [
        ["stdout", r"safe \u202egnp.exe \u001b[2J \u0000 \ud800 \u0085 \u2028 \u000dover"],
        ["log", "two"],
        ["log", r"lines \u2066x"],
    ]


def test_there_are_sixty_attacks() -> None:
    assert len(all_attacks()) >= 60
