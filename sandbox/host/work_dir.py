"""Work dirs on the host's own disk, for hosts without namespaces, where they don't vanish by themselves.

The script that filled a work dir is dead when it is removed, but what it left there is not trusted: no symbolic link
is followed, and no path is built that grows with the depth of the tree.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_ENDLESS = 1 << 62


def remove_tree(path: str) -> None:
    """Remove a directory with all that it holds; do nothing if there is none.

    One directory is open at a time: the walk goes down by name and up by "..". That is safe because no process is left
    that could move the directories in between.
    """
    try:
        here = os.open(path, _DIRECTORY)
    except FileNotFoundError:
        return
    above: list[tuple[str, list[str]]] = []  # the directories entered, and their siblings still to be entered
    try:
        inner = _remove_files(here)
        while inner or above:
            if inner:
                name = inner.pop()
                here = _move_aside(here, name)
                above.append((name, inner))
                inner = _remove_files(here)
            else:
                here = _move_aside(here, "..")
                name, inner = above.pop()
                os.rmdir(name, dir_fd=here)
    finally:
        os.close(here)
    os.rmdir(path)


def _move_aside(here: int, name: str) -> int:
    there = os.open(name, _DIRECTORY, dir_fd=here)
    os.close(here)
    return there


def _remove_files(directory: int) -> list[str]:
    """Remove a directory's files. Return the names of the directories that are left, made accessible."""
    left = []
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.stat(follow_symlinks=False).st_mode & 0o700 != 0o700:
                    os.chmod(entry.name, 0o700, dir_fd=directory)
                left.append(entry.name)
            else:
                os.unlink(entry.name, dir_fd=directory)
    return left


def is_too_large(path: str, disk_mb: int, max_entries: int = 4096) -> bool:
    """Return whether the tree takes more than `disk_mb` MiB, or has more than `max_entries` entries."""
    used = 0
    for entries, size in enumerate(_sizes(path), start=1):
        used += size
        if used > disk_mb << 20 or entries > max_entries:
            return True
    return False


def _sizes(path: str) -> Iterator[int]:
    """Yield the bytes that each entry takes on disk.

    What changes during the walk is skipped, because the script is running. A tree too deep to be walked counts as
    endless.
    """
    waiting = [path]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    yield entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                yield _ENDLESS
