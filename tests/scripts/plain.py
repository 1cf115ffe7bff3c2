"""Runs a script as `python3 script.py` in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.scripts.world import ENVIRON, PARAMS, SECRETS, ZONE, Seen, shown

_SHIM = Path(__file__).parent / "shim"


def run_plainly(source: str, folder: Path, site: str) -> Seen:
    (folder / "script.py").write_text(source)
    environ = ENVIRON | {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "TZ": ZONE,
        "PYTHONPATH": str(_SHIM),
        "PYTHONUNBUFFERED": "1",  # so that both streams keep their order in one pipe
        "SDK_VALUES": json.dumps({"secrets": SECRETS, "params": PARAMS}),
    }
    ended = subprocess.run(
        [sys.executable, "script.py"],
        cwd=folder,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    lines = shown(ended.stdout.decode(), site)
    error = lines.pop() if ended.returncode else None
    return Seen(lines, error)
