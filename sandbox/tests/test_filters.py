from __future__ import annotations

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from pyseccomp import resolve_syscall

from sandbox.filters import generate
from sandbox.guest.seccomp import OWN_PID
from sandbox.host import zygote
from sandbox.system_calls import BY_MACHINE, MACHINE

MACHINES = pytest.mark.parametrize("machine", generate.MACHINES)


def filter_of(machine: str) -> Path:
    return Path(generate.__file__).with_name(f"{machine}.bpf")


@MACHINES
def test_the_filter_in_the_tree_is_the_one_that_its_source_makes(machine: str) -> None:
    assert filter_of(machine).read_bytes() == generate.build(machine)


@MACHINES
def test_the_place_for_the_process_id_is_there(machine: str) -> None:
    assert struct.pack("<I", OWN_PID) in filter_of(machine).read_bytes()


@MACHINES
def test_calls_by_number_have_that_machines_numbers(machine: str) -> None:
    numbers = BY_MACHINE[machine]
    assert numbers == {name: resolve_syscall(generate.MACHINES[machine], name) for name in numbers}


def test_what_starts_a_zygote_and_what_it_needs_agree_about_machines() -> None:
    assert set(generate.MACHINES) == set(BY_MACHINE)
    assert set(zygote._MACHINES) <= set(generate.MACHINES)


def test_no_call_stands_in_two_groups() -> None:
    allowed = " ".join(
        (
            generate.READ_AND_WRITE,
            generate.FILES,
            generate.WAITING,
            generate.MEMORY,
            generate.SIGNALS,
            generate.THREADS,
            generate.WHO_AND_WHEN,
            generate.SOCKET,
        )
    ).split()
    names = [*allowed, *generate.PRETENDED.split(), *generate.UNSUPPORTED.split(), *generate.REFUSED.split()]
    assert len(names) == len(set(names))


_UNDER_THE_FILTER_ALONE = """
import ctypes, json, os, sys
from sandbox.guest import kernel, seccomp
path = sys.argv[1]
bpf = open(sys.argv[2], "rb").read()
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)  # PR_SET_NO_NEW_PRIVS
seccomp.load(bpf)
attempts = {
    "truncate": lambda: os.truncate(path, 0),
    "read and truncate": lambda: os.open(path, os.O_RDONLY | os.O_TRUNC),
    "read": lambda: os.open(path, os.O_RDONLY),
    "write and truncate": lambda: os.open(path, os.O_RDWR | os.O_TRUNC),
}
ended = {}
for name, attempt in attempts.items():
    try:
        attempt()
        ended[name] = "done"
    except OSError as error:
        ended[name] = error.__class__.__name__
    ended[name] += f", {os.stat(path).st_size} bytes"
print(json.dumps(ended))
"""


def test_the_filter_alone_lets_no_file_be_emptied_without_the_right_to_write(tmp_path: Path) -> None:
    """As under a kernel before 6.2, whose Landlock does not look at truncation."""
    path = tmp_path / "file"
    path.write_bytes(b"text")
    done = subprocess.run(
        [sys.executable, "-c", _UNDER_THE_FILTER_ALONE, path, filter_of(MACHINE)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(done.stdout or "null") == {
        "truncate": "PermissionError, 4 bytes",
        "read and truncate": "OSError, 4 bytes",
        "read": "done, 4 bytes",
        "write and truncate": "done, 0 bytes",
    }, done.stderr
