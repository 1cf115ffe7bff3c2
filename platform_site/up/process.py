"""One running service: its guard, its lines on our output, and the last of them, kept for when it dies."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path

from platform_site.up.guard import VANISH_SIGNAL
from platform_site.up.services import Service

GUARD = Path(__file__).with_name("guard.py")
TAIL_LINES = 30
# No bytecode is written in the checkout: pip has compiled .venv, and compiling our own modules takes 0.2 s a process.
PYTHON = {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}


class Process:
    """A service, started below its guard.

    Start it from a thread that lives as long as the service should: the kernel counts that thread as its parent.
    """

    def __init__(self, service: Service, lock: int) -> None:
        self.name, self.ends_last = service.name, service.ends_last
        self._unsaid = re.compile(service.unsaid) if service.unsaid else None
        self.tail: deque[str] = deque(maxlen=TAIL_LINES)
        guarded = [sys.executable, "-I", "-S", str(GUARD), str(os.getpid()), str(lock), *service.command]
        self._guard = subprocess.Popen(
            guarded,
            env={**os.environ, **PYTHON, **service.env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(lock,),
            start_new_session=True,  # a terminal's Ctrl-C is for the supervisor, which ends them in order
        )
        self._give(service.given)
        self._lines = threading.Thread(target=self._read, name=f"{self.name} lines", daemon=True)
        self._lines.start()

    def _give(self, text: str) -> None:
        assert self._guard.stdin
        with suppress(BrokenPipeError), self._guard.stdin as stdin:
            stdin.write(text.encode())

    def _read(self) -> None:
        assert self._guard.stdout
        for line in self._guard.stdout:
            text = line.decode(errors="replace").rstrip()
            self.tail.append(text)
            if not (self._unsaid and self._unsaid.search(text)):
                say(f"{self.name:<6} | {text}")

    def ended(self) -> bool:
        return self._guard.poll() is not None

    def terminate(self) -> None:
        self._guard.terminate()

    def kill(self) -> None:
        self._guard.send_signal(VANISH_SIGNAL)

    def obituary(self) -> str:
        """Return how it ended, and its last lines."""
        self._lines.join(timeout=2)
        last = "".join(f"\n  {line}" for line in self.tail)
        return f"{self.name} ended with code {self._guard.returncode}; its last lines:{last}"


def say(text: str) -> None:
    """Write a line to standard output. Output that nobody reads any more must not stop the platform."""
    with suppress(OSError, ValueError):
        sys.stdout.write(
            f"{text}\n"
        )  # in one piece: print() writes the line's end separately, so lines of several threads would mix
        sys.stdout.flush()
