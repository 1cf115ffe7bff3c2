"""Environments of scripts' dependencies: locked to exact versions, installed once per lock, read-only, evicted by age.

    packages/KEY     an installed environment, complete as soon as it is there; the only part scripts may read
    building/KEY     one that is being made, with all that this needs: on the same disk, and removed as a whole
    used/KEY         its size in bytes; last changed when it was last used; locked: shared while a script runs with it,
                     exclusively while it is made or removed

A package's .pth files, which could run code, are never read: the directory is only added to the script's sys.path.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sys
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sandbox.host.uv import LOOK_SECONDS, DepsCanceledError, DepsError, IsCanceled, Report, Uv
from sandbox.host.work_dir import remove_tree

# A script can't list the directory, so it finds only an environment whose key, a hash, it knows: its own.
_UNLISTED = 0o311
_MIN_MB = 64  # for making an environment: uv's own files are measured along with it


class Envs:
    """The environments below `root`. `max_bytes` limits all of them together, and so each one as well."""

    def __init__(self, root: Path, uv: Uv, *, max_bytes: int = 5 << 30) -> None:
        self.packages, self._building, self._used = (root / name for name in ("packages", "building", "used"))
        self.uv, self._max_bytes = uv, max_bytes
        for directory in (self.packages, self._building, self._used):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.packages.chmod(_UNLISTED)

    @contextmanager
    def opened(self, lock: str, say: Report, canceled: IsCanceled) -> Iterator[Path]:
        """Yield the lock's environment, made if it is missing; it is kept while the block runs. Raises DepsError."""
        key = self._key(lock)
        while True:
            with self._held(key, fcntl.LOCK_SH, canceled) as used:
                if (self.packages / key).exists():
                    os.utime(used.name)
                    yield self.packages / key
                    return
            # A shared lock can't become exclusive without being released in between, so another process may make or
            # remove the environment first: look again under the new lock.
            with self._held(key, fcntl.LOCK_EX, canceled) as used:
                if not (self.packages / key).exists():
                    self._make(key, lock, used, say, canceled)
            self.collect()

    def collect(self) -> None:
        """Remove the environments that were unused for longest, until the rest fits; none that is in use.

        Those that were left half made are removed as well.
        """
        kept = sorted(self._used.iterdir(), key=lambda file: file.stat().st_mtime)
        total = sum(_size(file) for file in kept)
        for file in kept:
            is_left_half_made = (self._building / file.name).exists()
            if total > self._max_bytes or is_left_half_made:
                total -= self._remove(file.name)

    def _remove(self, key: str) -> int:
        """Remove an environment that is not in use. Return the bytes that were freed, 0 if it is in use."""
        try:
            with self._held(key, fcntl.LOCK_EX | fcntl.LOCK_NB, lambda: True) as used:
                freed = _size(Path(used.name))
                used.truncate(0)
                _remove(self.packages / key)
                _remove(self._building / key)
                return freed
        except DepsCanceledError:
            return 0

    def _key(self, lock: str) -> str:
        parts = [lock, self.uv.index_url, sys.implementation.cache_tag, sysconfig.get_platform()]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()

    @contextmanager
    def _held(self, key: str, mode: int, canceled: IsCanceled) -> Iterator[IO[str]]:
        """Hold a key's file lock and yield the file. Raises DepsCanceledError if canceled while waiting."""
        with open(self._used / key, "a+") as file:
            while True:
                try:
                    fcntl.flock(file, mode | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if canceled():
                        raise DepsCanceledError(
                            "Cancelled while another run was installing the dependencies."
                        ) from None
                    time.sleep(LOOK_SECONDS)
            yield file

    def _make(self, key: str, lock: str, used: IO[str], say: Report, canceled: IsCanceled) -> None:
        place = self._building / key
        _remove(place)  # left by a worker that died while making it
        place.mkdir()
        say("Installing the dependencies")
        try:
            target = self.uv.install(lock, place, max(_MIN_MB, self._max_bytes >> 20), say, canceled)
            size = _seal(target, self._max_bytes)
            os.rename(target, self.packages / key)
        finally:
            _remove(place)
        (self.packages / key).chmod(0o555)  # only now: moving a directory needs the right to write to it
        used.truncate(0)
        used.write(str(size))
        used.flush()


def _seal(target: Path, max_bytes: int) -> int:
    """Make everything below `target` read-only and return its size in bytes. Raises DepsError if that is too much."""
    size = 0
    for directory, _, files in os.walk(target):
        for name in files:
            path = os.path.join(directory, name)
            size += os.lstat(path).st_size
            if not os.path.islink(path):
                os.chmod(path, 0o444)
        if directory != str(target):
            os.chmod(directory, 0o555)  # noqa: S103  less than it had
    if size > max_bytes:
        raise DepsError(f"The dependencies take {size >> 20} MiB; at most {max_bytes >> 20} MiB are allowed.")
    return size


def _size(file: Path) -> int:
    return int(file.read_text() or 0)


def _remove(path: Path) -> None:
    if path.exists():
        path.chmod(0o700)
        remove_tree(str(path))
