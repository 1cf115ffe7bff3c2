"""A copy of the project, to which tests add what a newcomer would add."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from platform_site.config.data_dir import BASE_DIR

Changes = Mapping[str, Sequence[tuple[str, str]]]
"""Old and new text by file. Each old text stands there once."""


def copied_project(folder: Path, app: str) -> Path:
    """Make a project that differs from this one in `app` alone: the rest is linked."""
    folder.mkdir()
    for path in BASE_DIR.iterdir():
        if path.suffix in (".py", ".toml") or (path / "__init__.py").exists() or path.name == "locale":
            (folder / path.name).symlink_to(path)
    (folder / app).unlink()
    shutil.copytree(BASE_DIR / app, folder / app, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def change(copy: Path, changes: Changes) -> None:
    for path, pairs in changes.items():
        text = (copy / path).read_text()
        for old, new in pairs:
            assert text.count(old) == 1, (path, old)
            text = text.replace(old, new)
        (copy / path).write_text(text)


def done(folder: Path, *command: str) -> None:
    """Run a Python module in the folder, and require that it succeeds."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ended = subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
