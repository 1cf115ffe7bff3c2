"""Which interpreter an ordinary user may start."""

from __future__ import annotations

import functools
import subprocess
import sys

NOBODY = 65534
_QUESTION = "import sys; sys.exit(sys.version_info < (3, 11))"


@functools.cache
def python_for_nobody() -> str:
    """This interpreter may lie where only its owner goes."""
    for python in (sys.executable, "/usr/local/bin/python3", "/usr/bin/python3"):
        try:
            done = subprocess.run(
                [python, "-c", _QUESTION], user=NOBODY, group=NOBODY, extra_groups=[], check=False
            )
        except OSError:
            continue
        if done.returncode == 0:
            return python
    raise AssertionError(
        "no Python from 3.11 on that an ordinary user may start: the sandbox can't be tried as one"
    )
