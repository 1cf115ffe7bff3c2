"""A thread of the guest's own, which receives on one connection for all threads of the script."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # has no stubs
import _thread
import os
import signal
import threading
from collections.abc import Callable
from queue import SimpleQueue

from sandbox.protocol import EXIT_OUT_OF_MEMORY


class Receiver:
    """The thread, which `threading` doesn't list. It runs `receive_all` to its end, then ends the process."""

    def __init__(self, receive_all: Callable[[], None]) -> None:
        self._receive_all = receive_all
        self._running = threading.Lock()

    def start(self) -> None:
        """Start the thread, unless it runs. A signal's handler may come between any two steps, and call this as well.

        So may other threads: of those that are started at the same time, one runs on.
        """
        if self._running.locked():
            return
        ready: SimpleQueue[None] = SimpleQueue()
        _thread.start_new_thread(self._run, (ready,))
        ready.get()

    def _run(self, ready: SimpleQueue[None]) -> None:
        # A signal that came in here would reach the main thread, which must be able to keep the script's handlers off.
        _signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        is_first = self._running.acquire(blocking=False)
        ready.put(None)
        if not is_first:
            return
        try:
            self._receive_all()
        except MemoryError:
            os._exit(EXIT_OUT_OF_MEMORY)
        finally:
            os._exit(1)
