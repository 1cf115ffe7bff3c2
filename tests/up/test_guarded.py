""".ci/guarded: whatever a test run or a benchmark has started ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from platform_site.config.data_dir import BASE_DIR
from testing.patience import eventually
from testing.process_tree import Seen, descendants, until_gone

GUARDED = str(BASE_DIR / ".ci" / "guarded")
# A worker in a session of its own, and one whose parent has ended: no signal to a process group reaches them.
WORKERS = "setsid sleep 1000 & (setsid sleep 2000 &); exec sleep 3000"
SLEEPS = ("sleep 1000", "sleep 2000", "sleep 3000")


@pytest.fixture
def make(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A parent like make: it waits, and hands nothing on."""
    environ = os.environ | {"TMPDIR": str(tmp_path)}
    listening = (
        "env",
        "--default-signal=INT",
    )  # a shell's background job ignores it, and so would its children
    command = [*listening, "sh", "-c", f'{GUARDED} sh -c "$0"; exit 7', WORKERS]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def all_of(make: subprocess.Popen[str]) -> list[Seen]:
    """Once everything has been started."""

    def all_there() -> list[Seen]:
        seen = descendants(make.pid)
        ran = {process.command.strip() for process in seen}
        return seen if ran.issuperset(SLEEPS) else []

    return eventually(all_there)


@pytest.mark.parametrize(
    ("victim", "sent"),
    [
        ("make", signal.SIGKILL),
        (".ci/guarded", signal.SIGINT),
        (".ci/guarded", signal.SIGTERM),
        (".ci/guarded", signal.SIGHUP),
        (".ci/guarded", signal.SIGKILL),
        ("guard.py", signal.SIGKILL),
        ("sleep 3000", signal.SIGKILL),
    ],
)
def test_whoever_is_killed_nothing_is_left(
    make: subprocess.Popen[str], victim: str, sent: signal.Signals
) -> None:
    seen = all_of(make)
    found = make.pid if victim == "make" else next(p.pid for p in seen if victim in p.command)
    os.kill(found, sent)
    assert until_gone(seen) == []


def test_a_second_signal_ends_a_command_that_does_not_listen() -> None:
    deaf = "trap '' TERM; echo deaf; sleep 1000"
    with subprocess.Popen([GUARDED, "bash", "-c", deaf], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "deaf\n"
        seen = eventually(lambda: descendants(process.pid))

        def asked_again() -> bool:
            process.terminate()
            return until_gone(seen, 0) == []

        eventually(asked_again)


@pytest.mark.parametrize(("command", "code"), [("exit 3", 3), ("kill -9 $$", 137), ("true", 0)])
def test_the_commands_exit_code_is_ours(command: str, code: int) -> None:
    assert subprocess.run([GUARDED, "sh", "-c", command], check=False).returncode == code


def test_its_folder_goes_with_it() -> None:
    command = [GUARDED, "sh", "-c", 'touch "$GUARDED_FOLDER/x"; setsid sleep 1000 & echo $GUARDED_FOLDER']
    folder = Path(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip())
    assert folder.is_absolute()
    assert not folder.exists()
