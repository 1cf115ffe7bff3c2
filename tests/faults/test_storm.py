"""The short form of `make faults`, and platforms without a guard that it must find out."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from testing.processes import ROOT

pytestmark = [pytest.mark.services, pytest.mark.acceptance, pytest.mark.timeout(7200)]


Said = tuple[int, str]


@pytest.fixture
def storm(tmp_path: Path) -> Callable[..., Said]:
    """Its exit code and what it said; ledger and logs go where pytest keeps the last few."""

    def run(*arguments: str) -> Said:
        command = [sys.executable, "-m", "tests.faults", "--burst", "0", "--outages", "0", *arguments]
        environ = os.environ | {"TMPDIR": str(tmp_path)}
        ended = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
        return ended.returncode, ended.stdout + ended.stderr

    return run


def test_each_fault_once_and_no_due_time_is_lost_or_run_twice(storm: Callable[..., Said]) -> None:
    code, said = storm(
        *(
            "--seconds",
            "60",
            "--tasks",
            "40",
            "--times",
            "1",
            "--freeze",
            "10",
            "--away",
            "20",
            "--outage",
            "10",
        ),
        *("--outages", "24"),
    )
    print(said)
    assert code == 0


def test_without_the_fence_it_fails(storm: Callable[..., Said]) -> None:
    few = ("--seconds", "20", "--tasks", "20", "--times", "1", "--only", "beat")
    code, said = storm(*few, "--app", "tests.faults.mutants.no_fence", "--patience", "60")
    assert code == 1, said
    assert ": 2 rows" in said


def test_without_the_lease_it_fails(storm: Callable[..., Said]) -> None:
    few = ("--seconds", "20", "--tasks", "30", "--times", "5", "--only", "io worker", "worker child")
    code, said = storm(*few, "--app", "tests.faults.mutants.no_lease", "--patience", "60")
    assert code == 1, said
    assert "has no final row, it is running" in said


def test_without_the_misfire_judgement_it_fails(storm: Callable[..., Said]) -> None:
    few = ("--seconds", "4", "--tasks", "4", "--only", "--outages", "24")
    code, said = storm(*few, "--app", "tests.faults.mutants.no_misfire", "--patience", "60")
    assert code == 1, said
    assert "is success, and the rules say missed" in said


def test_where_connections_are_not_given_up_it_fails(storm: Callable[..., Said]) -> None:
    few = ("--seconds", "20", "--tasks", "20", "--times", "1", "--away", "3", "--only", "database away")
    code, said = storm(*few, "--app", "tests.faults.mutants.no_give_back", "--patience", "20")
    assert code == 1, said
    assert "times, and no fault went on" in said
    assert "has no final row" in said
