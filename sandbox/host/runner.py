"""Runs scripts, one at a time, each in a jailed process of its own.

with Runner() as runner:
    result = runner.run(Script("result = get_var('n') + 1"), grants={"get_var": lambda **_: 1})
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Sequence

from sandbox.host.admission import Admission
from sandbox.host.attend import attend
from sandbox.host.errors import SandboxLostError, SandboxUnavailableError
from sandbox.host.level import Level
from sandbox.host.limits import Limits
from sandbox.host.network import NetworkAccess
from sandbox.host.output import OnLine
from sandbox.host.result import Result
from sandbox.host.rpc import Cut, Grants, cut_plainly
from sandbox.host.script import Context, Script
from sandbox.host.zygote import Zygote, default_python

__all__ = ["Context", "Limits", "Result", "Runner", "SandboxUnavailableError", "Script"]

_log = logging.getLogger(__name__)

# All forks of one zygote share its hash seed and its addresses.
_SCRIPTS_PER_ZYGOTE = 500
# A zygote may have died while idle: nothing of the script has run then, so a second try is safe.
_TRIES = 2


def _no_line(stream: str, text: str) -> None:
    return


def _never() -> bool:
    return False


def _nothing() -> None:
    return


def _nobody_asks(level: Level) -> None:
    return


class Runner:
    """Owns one zygote, which is started when first needed and given up when its process is forked. A context manager.

    `min_level`: below it nothing runs, unless `unsafe`. `deps_dirs`: what scripts may read beside the standard
    library. `work_root`: where work dirs are made on hosts without namespaces; best a tmpfs of limited size.
    `on_start` is called with the level of each zygote.
    """

    def __init__(
        self,
        *,
        min_level: int = 1,
        unsafe: bool = False,
        deps_dirs: Sequence[str] = (),
        python: str | None = None,
        work_root: str | None = None,
        on_start: Callable[[Level], None] = _nobody_asks,
    ) -> None:
        self._admission = Admission(min_level, unsafe, on_start)
        self._deps_dirs = tuple(deps_dirs)
        self._python = python or default_python()
        self._work_root = work_root
        self._lock = threading.Lock()
        self._owner = os.getpid()
        self._zygote: Zygote | None = None
        self._level = Level(0, ("nothing was tried yet",))

    def run(
        self,
        script: Script,
        *,
        grants: Grants,
        limits: Limits | None = None,
        on_line: OnLine = _no_line,
        canceled: Callable[[], bool] = _never,
        interrupt: Callable[[], None] = _nothing,
        cut: Cut = cut_plainly,
        network: NetworkAccess | None = None,
    ) -> Result:
        """Run a script and return its result, which also reports the script's own faults. It has only this `network`.

        Raises SandboxUnavailableError, and what `on_line` or `canceled` raise.

        Grants and `on_line` are called in this thread, `canceled` in another, twice a second. The work of a grant that
        returns `Later` is done on a third; 16 of them are under way at a time. A cancel or a time-out kills the script
        at once and calls `interrupt` in the second thread, and so does the end of a script that has left calls under
        way: it must make every grant return, because this method returns only then. `cut`, which any of the threads
        calls, shortens a grant's error message for the script: a caller who knows the secrets can ensure that none is
        cut in two.
        """
        with self._lock:
            for _ in range(_TRIES):
                try:
                    zygote = self._ready_zygote()
                    return attend(
                        zygote, script, grants, limits or Limits(), on_line, canceled, interrupt, cut, network
                    )
                except SandboxLostError as error:
                    lost = str(error)
                    _log.warning("a zygote was lost before its script began: %s", error)
            return Result("failed", SandboxLostError.error_code, lost, None, False, 0, 0, 0)

    def level(self) -> Level:
        """Return this host's level, found out by trying. Raises SandboxUnavailableError below `min_level`."""
        with self._lock:
            self._ready_zygote()
            return self._level

    def close(self) -> None:
        if self._zygote is not None:
            self._zygote.close()
            self._zygote = None

    def __enter__(self) -> Runner:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ready_zygote(self) -> Zygote:
        if self._owner != os.getpid():
            self._forget_parents_zygote()
        if self._zygote is not None and (self._zygote.is_lost or self._zygote.scripts >= _SCRIPTS_PER_ZYGOTE):
            self.close()
        if self._zygote is None:
            self._zygote, self._level = self._admission.start(self._make_zygote)
        return self._zygote

    def _forget_parents_zygote(self) -> None:
        if self._zygote is not None:
            self._zygote.forget()
        self._zygote = None
        self._owner = os.getpid()

    def _make_zygote(self) -> Zygote:
        return Zygote(
            deps_dirs=self._deps_dirs,
            unsafe=self._admission.unsafe,
            python=self._python,
            work_root=self._work_root,
        )
