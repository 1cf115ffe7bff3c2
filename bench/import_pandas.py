"""A script that imports pandas from its own environment, measured in turn with a bare Python that does so too."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from uv import find_uv_bin

from bench.row import Row, percentile, summary
from bench.sandbox_alone import milliseconds
from sandbox.host.envs import Envs
from sandbox.host.runner import Runner, Script
from sandbox.host.uv import Uv
from sandbox.host.work_dir import remove_tree
from sandbox.host.zygote import default_python

TINY = {"rounds": 2, "requirement": "", "module": "sqlite3"}  # no requirement, so that nothing is downloaded


def measure(rounds: int = 20, requirement: str = "pandas>=2,<3", module: str = "pandas") -> list[Row]:
    with _installed(requirement) as (paths, packages), Runner(deps_dirs=[packages]) as runner:
        script = Script(f"import {module}", import_paths=paths)
        bare = [default_python(), "-I", "-S", "-c", f"import sys; sys.path[:0] = {paths}; import {module}"]
        in_script, in_bare = [], []
        for _ in range(rounds + 1):  # the first warms the kernel's file cache
            in_bare.append(milliseconds(lambda: subprocess.run(bare, check=True)))
            in_script.append(milliseconds(lambda: _run(runner, script)))
    usual = percentile(in_bare[1:], 50)
    return [
        Row(
            f"script that imports {module}, warm: p50",
            percentile(in_script[1:], 50),
            "ms",
            goal=1.15 * usual,
            yardsticks={f"bare python, import {module}": usual},
            details={"script_ms": summary(in_script[1:]), "bare_ms": summary(in_bare[1:])},
        )
    ]


@contextmanager
def _installed(requirement: str) -> Iterator[tuple[list[str], str]]:
    """Install `requirement`, if it is not "", and yield the directories to import from and the one above them."""
    root = tempfile.mkdtemp()
    try:
        envs = Envs(Path(root), Uv(find_uv_bin(), index_url=settings.SCRIPT_INDEX_URL))
        if not requirement:
            yield [], str(envs.packages)
            return
        lock = envs.uv.lock([requirement], print, lambda: False)
        with envs.opened(lock, print, lambda: False) as path:
            yield [str(path)], str(envs.packages)
    finally:
        remove_tree(root)


def _run(runner: Runner, script: Script) -> None:
    result = runner.run(script, grants={})
    if result.status != "success":
        raise RuntimeError(result.error)
