"""`.env` as its example says to make it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from platform_site.config.data_dir import BASE_DIR

EXAMPLE = BASE_DIR / ".env.example"


def made(folder: Path) -> dict[str, str]:
    """By the command that stands in the example, run by a shell in a folder that holds nothing but the example."""
    (folder / ".env.example").write_text(EXAMPLE.read_text())
    (command,) = re.findall(r"^#\s+(\(umask .*\))$", EXAMPLE.read_text(), re.MULTILINE)
    subprocess.run(["sh", "-c", command], cwd=folder, check=True)
    return read(folder / ".env")


def read(path: Path) -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_0-9]+)=(.*)$", path.read_text(), re.MULTILINE))
