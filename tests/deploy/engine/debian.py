"""Debian roots as mmdebstrap makes them, from where this machine's apt gets its packages."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO


@dataclass(frozen=True)
class Debian:
    """`hooks` are commands that a shell runs at the end, with the root as $1."""

    suite: str
    packages: tuple[str, ...]
    hooks: tuple[str, ...] = ()

    @property
    def recipe(self) -> str:
        """The same as long as it would be made the same; newer packages don't count."""
        return hashlib.sha256(repr(self).encode()).hexdigest()

    def command(self, target: str) -> list[str]:
        # A mirror that stands still is old after a week; whose it is is checked all the same.
        options = ["--quiet", "--variant=apt", '--aptopt=Acquire::Check-Valid-Until "false"']
        options += ["--dpkgopt=force-unsafe-io", f"--include={','.join(self.packages)}"]
        options += [f"--customize-hook={hook}" for hook in self.hooks]
        return ["mmdebstrap", *options, self.suite, target, mirror()]

    def made(self, folder: Path) -> Path:
        """The folder, made anew only where its recipe is another one."""
        mark = folder.with_name(f"{folder.name}.recipe")
        if not mark.exists() or mark.read_text() != self.recipe:
            mark.unlink(missing_ok=True)
            shutil.rmtree(folder, ignore_errors=True)
            self._make(folder)
            mark.write_text(self.recipe)
        return folder

    @contextmanager
    def archive(self, folder: Path) -> Iterator[IO[bytes]]:
        """A tar file, for as long as the with block runs."""
        with NamedTemporaryFile(dir=folder, suffix=".tar") as file:
            self._make(Path(file.name))
            yield file.file

    def _make(self, target: Path) -> None:
        done = subprocess.run(self.command(str(target)), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def mirror() -> str:
    asked = ["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"]
    for line in subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines():
        label, _, uri = line.partition(" ")
        if label == "Debian":
            return uri
    raise AssertionError("apt knows no mirror of Debian here; `apt-get update` makes it known.")
