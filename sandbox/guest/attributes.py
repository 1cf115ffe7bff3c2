"""Makes the functions that change a file's mode, owner or times notice a file that is not there.

The filter of system calls lets them all succeed without doing anything. `Path.touch()`, which first tries to change the
times, would then take a missing file for one that is there, and create none.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any

_CHANGING = ("chmod", "chown", "lchown", "utime")
_SUPPORTED = (os.supports_dir_fd, os.supports_fd, os.supports_follow_symlinks)
_PASSED_ON = ("dir_fd", "follow_symlinks")


def notice_missing_files() -> None:
    """Replace the functions by such that raise FileNotFoundError as they do outside the sandbox."""
    for name in _CHANGING:
        original = getattr(os, name)
        replacement = _noticing(original)
        setattr(os, name, replacement)
        for functions in _SUPPORTED:
            if original in functions:
                functions.add(replacement)


def _noticing(original: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(original)
    def change(path: Any, *arguments: Any, **options: Any) -> None:
        os.stat(path, **{name: options[name] for name in _PASSED_ON if name in options})
        original(path, *arguments, **options)

    return change
