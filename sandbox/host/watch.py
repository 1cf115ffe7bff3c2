"""A thread that watches one script while the worker's thread is busy answering its calls."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from sandbox.host.limits import Limits
from sandbox.host.network import Network
from sandbox.host.result import Verdict
from sandbox.host.work_dir import is_too_large
from sandbox.host.zygote import Child

_LOOK_SECONDS = 0.05
_SLOW_LOOK_SECONDS = 0.4
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_THREADS_FIELD = 17  # index in /proc/PID/stat, counted from the field after the name in brackets


class Watch:
    """Kills the script at its deadline, when it is canceled, or when it takes more than it may. A context manager.

    `verdict` is the reason, None if it was not killed. The watching thread calls `canceled`, and after a kill
    `interrupt`: the worker's thread may be in a call whose result nobody needs any more.
    """

    def __init__(
        self,
        child: Child,
        limits: Limits,
        canceled: Callable[[], bool],
        interrupt: Callable[[], None],
        network: Network | None,
    ) -> None:
        self.verdict: Verdict | None = None
        self.fault: BaseException | None = None
        self._child = child
        self._limits = limits
        self._canceled = canceled
        self._interrupt = interrupt
        self._network = network
        self._deadline = time.monotonic() + limits.wall_seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_until_over, name="sandbox-watch", daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look_until_over(self) -> None:
        slow_look_at = 0.0
        while not self._over.wait(_LOOK_SECONDS):
            now = time.monotonic()
            try:
                verdict = self._fast_look(now)
                if verdict is None and now >= slow_look_at:
                    slow_look_at = now + _SLOW_LOOK_SECONDS
                    verdict = self._slow_look()
            except Exception as fault:  # noqa: BLE001  # from `canceled`; the worker's own thread raises it again
                self.fault = fault
                verdict = Verdict("canceled", f"The run could not be watched: {fault}")
            if verdict is not None:
                self.verdict = verdict
                self._child.kill()
                self._interrupt()
                return

    def _fast_look(self, now: float) -> Verdict | None:
        limits = self._limits
        if now >= self._deadline:
            return Verdict("timeout", f"The script took longer than {limits.wall_seconds:g} s.")
        resident, threads = _measure(self._child.pid)
        if resident > limits.memory_mb << 20:
            return Verdict("memory_limit", f"The script took more than {limits.memory_mb} MiB of memory.")
        if threads > limits.threads:
            return Verdict("script_error", f"The script started more than {limits.threads} threads.")
        return None

    def _slow_look(self) -> Verdict | None:
        if self._canceled():
            return Verdict("canceled", "The run was canceled.")
        if self._child.work_dir and is_too_large(self._child.work_dir, self._limits.disk_mb):
            return Verdict("disk_limit", f"The script wrote more than {self._limits.disk_mb} MiB.")
        return self._network.verdict() if self._network else None


def _measure(pid: int) -> tuple[int, int]:
    """Return a process's resident bytes and number of threads; 0 and 0 if it is gone."""
    try:
        with open(f"/proc/{pid}/statm") as statm, open(f"/proc/{pid}/stat") as stat:
            resident = int(statm.read().split()[1]) * _PAGE_BYTES
            threads = int(stat.read().rpartition(")")[2].split()[_THREADS_FIELD])
    except (OSError, IndexError):
        return 0, 0
    return resident, threads
