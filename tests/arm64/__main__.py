"""Boots Debian's arm64 kernel under emulation and runs the sandbox's tests there, attacks included.

usage: python -m tests.arm64 [PYTEST ARGUMENTS…]    without arguments all of sandbox/tests

Scripts run on aarch64 because all of them have passed here. A machine that `sandbox/host/zygote.py` refuses can't be
tried: it is named in `_MACHINES` first, and that is committed when all have passed.

Needs qemu-system-aarch64, mmdebstrap and cpio (Debian's qemu-system-arm, mmdebstrap, cpio) and takes about half an hour
on two cores, for each instruction is translated. Exit code: pytest's own, 1 where the machine did not come so far.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.arm64 import root

RESULT = re.compile(r"^pytest ended with (\d+)")


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="arm64-") as folder:
        kernel, initrd = root.made(Path(folder), arguments or ["sandbox/tests"])
        return boot(kernel, initrd)


def boot(kernel: Path, initrd: Path) -> int:
    """Follow the machine's console until it turns itself off."""
    machine = [
        *(
            "qemu-system-aarch64",
            "-machine",
            "virt",
            "-cpu",
            "max,pauth-impdef=on",
            "-smp",
            "2",
            "-m",
            "4096",
        ),
        *("-kernel", str(kernel), "-initrd", str(initrd), "-nic", "none", "-nographic", "-no-reboot"),
        *("-append", "console=ttyAMA0 rdinit=/init quiet panic=-1"),
    ]
    code = 1
    with subprocess.Popen(machine, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        for line in running.stdout:
            print(line, end="", flush=True)
            if found := RESULT.match(line):
                code = int(found[1])
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
