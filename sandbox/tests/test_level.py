from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.host.level import level_without, probe_level
from sandbox.host.result import Result
from sandbox.host.runner import Runner
from sandbox.tests.denials import PRETENDED

_ROOT = Path(__file__).parents[2]
_ASK = """
import ctypes, json, sys
from sandbox.host.runner import Runner, SandboxUnavailableError, Script
from sandbox.tests import denials
for denial in json.loads(sys.argv[1]):
    getattr(denials, denial)()
with Runner(**json.loads(sys.argv[2])) as runner:
    try:
        found = runner.level()
        ran = runner.run(Script("result = 1"), grants={}).result
        print(json.dumps({"level": str(found), "reasons": found.reasons, "ran": ran}))
    except SandboxUnavailableError as error:
        print(json.dumps({"error": str(error), "code": error.error_code}))
"""


def _ask(*denials: str, **options: object) -> dict[str, object]:
    """In a process of its own: what is denied can't be given back."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK, json.dumps(denials), json.dumps(options)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, object] = json.loads(done.stdout)
    return answer | {"said": done.stderr}


def test_with_namespaces_the_level_is_two_and_says_why_not_three(runner: Runner) -> None:
    found = runner.level()
    assert str(found) == "L2"
    assert "cgroup" in found.reasons[0]
    assert len(found.stopped) >= 10


def test_without_namespaces_the_level_is_one_and_says_why() -> None:
    answer = _ask("deny_namespaces")
    assert (answer["level"], answer["ran"]) == ("L1", 1)
    assert "namespaces: clone" in str(answer["reasons"])


def test_without_landlock_nothing_runs() -> None:
    answer = _ask("deny_landlock")
    assert answer["code"] == "sandbox_unavailable"
    assert "L0" in str(answer["error"])
    assert "Landlock" in str(answer["error"])


def test_unsafe_runs_anyway_and_says_so_loudly() -> None:
    answer = _ask("deny_landlock", unsafe=True)
    assert (answer["level"], answer["ran"]) == ("L0", 1)
    assert "SCRIPTS RUN UNSAFELY" in str(answer["said"])


def test_a_level_below_the_operators_minimum_is_refused() -> None:
    answer = _ask("deny_namespaces", min_level=2)
    assert answer["code"] == "sandbox_unavailable"
    assert "L1, but L2 is required" in str(answer["error"])


@pytest.mark.parametrize("unsafe", [False, True])
def test_another_kind_of_machine_is_refused_with_its_name(unsafe: bool) -> None:
    answer = _ask("pretend_another_machine", unsafe=unsafe)
    assert answer["code"] == "sandbox_unavailable"
    assert f"This machine is {PRETENDED};" in str(answer["error"])


def _probed(**escapes: bool) -> str:
    attempts = {name.replace("_", " "): escaped for name, escaped in escapes.items()}
    result = Result("success", None, "", attempts, False, 1, 1, 1)
    return str(probe_level(lambda source, params: result, {}))


def test_one_hole_is_enough_for_level_zero() -> None:
    assert _probed(fork=False, read_a_file_of_the_host=False) == "L2"
    assert _probed(fork=False, read_a_file_of_the_host=True) == "L0"
    assert _probed(fork=False, see_a_file_of_the_host=True) == "L1"


def test_a_probe_that_fails_is_level_zero() -> None:
    failed = Result("failed", "timeout", "too long", None, False, 1, 1, 1)
    assert str(probe_level(lambda source, params: failed, {})) == "L0"


def test_namespaces_alone_may_be_missing() -> None:
    assert level_without({"namespaces": "denied"}) is None
    assert str(level_without({"namespaces": "denied", "landlock": "off"})) == "L0"


def test_the_probe_leaves_the_host_as_it_was(runner: Runner, tmp_path: Path) -> None:
    before = os.listdir("/tmp")
    runner.level()
    assert [name for name in os.listdir("/tmp") if name.endswith(".made")] == [
        n for n in before if n.endswith(".made")
    ]
