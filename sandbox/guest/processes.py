"""Says in words what a script can't do with processes, and makes the locks between them locks between threads.

The filter of system calls refuses processes in any case, but with an error number alone, which `os.system` even returns
as if the program had run.
"""

from __future__ import annotations

import errno
import os
import posix
import sys
import threading
import types
from typing import Any, NoReturn

_STARTERS = ("fork", "forkpty", "system", "execv", "execve", "posix_spawn", "posix_spawnp")
_REASON = (
    "is refused: a script runs in one process and can't start another. Use threads in place of processes "
    "(concurrent.futures.ThreadPoolExecutor, multiprocessing.pool.ThreadPool), Python's own modules in place of "
    "programs, and http_get() or http_post() in place of curl"
)
_RECURSIVE_MUTEX = 0


def refuse_processes() -> None:
    """Replace whatever starts a process or a program by a function that raises PermissionError.

    The module subprocess must not be loaded yet: it would keep the function that is replaced.
    """
    assert "subprocess" not in sys.modules
    for name in _STARTERS:
        setattr(os, name, _refusal(f"os.{name}()"))
        setattr(posix, name, getattr(os, name))
    _replace_module("_posixsubprocess", fork_exec=_refusal("subprocess"))
    _replace_module("_multiprocessing", SemLock=ThreadLock, sem_unlink=lambda name: None, flags={})


def _replace_module(name: str, **contents: Any) -> None:
    """Replace a module that the standard library uses internally; the real one is not even loaded."""
    module = types.ModuleType(name)
    vars(module).update(contents)
    sys.modules[name] = module


def _refusal(what: str) -> Any:
    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise PermissionError(errno.EPERM, f"{what} {_REASON}")

    return refuse


class ThreadLock:
    """Stands in for `_multiprocessing.SemLock`, which needs shared memory: with one process, threads are all there is.

    As there, `_count` is how often it is acquired, and a recursive one belongs to the thread that acquired it.
    """

    SEM_VALUE_MAX = 2**31 - 1

    def __init__(self, kind: int, value: int, maxvalue: int, name: str, unlink: bool) -> None:
        self.kind, self.maxvalue = kind, maxvalue
        self.name, self.handle = None, id(self)
        self._free = threading.Semaphore(value)
        self._owner = 0
        self._acquired = 0

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        if self.kind != _RECURSIVE_MUTEX or not self._is_mine():
            wait = max(0.0, timeout) if block and timeout is not None else None
            if not self._free.acquire(block, wait):
                return False
        self._owner = threading.get_ident()
        self._acquired += 1
        return True

    def release(self) -> None:
        if self.kind == _RECURSIVE_MUTEX and not self._is_mine():
            raise AssertionError("attempt to release recursive lock not owned by thread")
        if self._get_value() >= self.maxvalue:
            raise ValueError("semaphore or lock released too many times")
        self._acquired -= 1
        if self.kind != _RECURSIVE_MUTEX or not self._acquired:
            self._free.release()

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    def _count(self) -> int:
        return self._acquired

    def _is_mine(self) -> bool:
        return self._acquired > 0 and self._owner == threading.get_ident()

    def _get_value(self) -> int:
        return self._free._value  # noqa: SLF001  # has no public name

    def _is_zero(self) -> bool:
        return not self._get_value()

    def _after_fork(self) -> None:
        return
