from __future__ import annotations

import struct
from pathlib import Path

from sandbox.filters import generate
from sandbox.guest.seccomp import OWN_PID

_FILTER = Path(generate.__file__).with_name("x86_64.bpf")


def test_the_filter_in_the_tree_is_the_one_that_its_source_makes() -> None:
    assert _FILTER.read_bytes() == generate.build()


def test_the_place_for_the_process_id_is_there() -> None:
    assert struct.pack("<I", OWN_PID) in _FILTER.read_bytes()


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
    names = [*allowed, *generate.PRETENDED.split(), *generate.REFUSED.split()]
    assert len(names) == len(set(names))
