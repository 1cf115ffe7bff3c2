"""What an operator can mend is one line on standard error and an exit code, from every command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from platform_site.config.data_dir import BASE_DIR

AWAY = "redis://127.0.0.1:1/0"
KEYS = {"SECRET_KEY": "x", "ENCRYPTION_KEYS": os.environ["ENCRYPTION_KEYS"]}
NO_DATABASE = "sqlite:////nowhere/at/all.sqlite3"


def ended(*command: str, folder: Path, **environ: str) -> tuple[int, list[str]]:
    """Its exit code and what it says to standard error."""
    own = {"PATH": os.environ["PATH"], "PLATFORM_DATA_DIR": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, *command],
        cwd=BASE_DIR,
        env=own | KEYS | environ,
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done.returncode, done.stderr.splitlines()


@pytest.mark.parametrize(
    "command",
    [
        ["run_task", "1"],
        ["send_test", "1"],
        ["create_token", "x"],
        ["export_tasks"],
        ["rotate_keys"],
        ["prune_logs"],
        ["seed_demo"],
    ],
    ids=lambda command: command[0],
)
def test_a_database_that_is_away(tmp_path: Path, command: list[str]) -> None:
    code, lines = ended("manage.py", *command, folder=tmp_path, DATABASE_URL=NO_DATABASE, REDIS_URL=AWAY)
    assert code != 0
    assert len(lines) == 1, lines
    assert "atabase" in lines[0]


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "sandbox", "run", "missing.py"],
        ["-m", "sandbox", "run", "/dev/null", "--grants", "missing.py"],
        ["manage.py", "import_tasks", "missing.yaml"],
        ["manage.py", "test_script", "missing.py"],
    ],
    ids=lambda command: " ".join(command[1:3]),
)
def test_a_file_that_is_missing(tmp_path: Path, command: list[str]) -> None:
    code, lines = ended(*command, folder=tmp_path)
    assert code != 0
    assert len(lines) == 1, lines
    assert "missing." in lines[0]


@pytest.mark.parametrize("module", ["platform_site.web", "platform_site.beat"])
def test_a_wrong_setting(tmp_path: Path, module: str) -> None:
    assert ended("-m", module, folder=tmp_path, PLATFORM_PORT="eighty") == (
        1,
        ["Invalid setting PLATFORM_PORT: 'eighty' is not a whole number"],
    )


def test_a_port_that_web_may_not_have(tmp_path: Path) -> None:
    code, lines = ended("-m", "platform_site.web", folder=tmp_path, PLATFORM_HOST="192.0.2.1")
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith("Invalid setting PLATFORM_PORT: can't listen on 192.0.2.1:8000: ")


def test_make_alone_says_what_there_is(tmp_path: Path) -> None:
    # As a newcomer types it: under `make test` a make would also name the folder that it enters.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make"], cwd=BASE_DIR, env=env, capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.startswith("make up  ")
    assert "make test  " in done.stdout
