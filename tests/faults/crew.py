"""The platform's processes, each started again when it has ended, as systemd or Kubernetes would."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from testing.process_tree import Seen, descendants
from testing.processes import Processes

LOOK_SECONDS = 0.5
LAST_LINES = 80
ROLES = ("beat-1", "beat-2", "io-1", "io-2", "notify-1", "notify-2", "script-1", "script-2", "web")

Start = Callable[[], "subprocess.Popen[bytes]"]


class Crew:
    """Use it in a with block. `fallen` counts those that ended though nobody killed them."""

    def __init__(self, processes: Processes, web_port: int) -> None:
        self.processes = processes
        starts: dict[str, Start] = {
            "beat": processes.beat,
            "io": lambda: processes.worker("threads", 16, "io"),
            "notify": lambda: processes.worker("threads", 8, "notify"),
            "script": lambda: processes.worker("prefork", 2, "script"),
            "web": lambda: processes.web(web_port),
        }
        self.starts = {role: starts[role.partition("-")[0]] for role in ROLES}
        self.fallen: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="crew")

    def __enter__(self) -> Crew:
        self.living = {role: start() for role, start in self.starts.items()}
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            with self._lock:
                gone = [role for role, process in self.living.items() if process.poll() is not None]
                for role in gone:
                    self.fallen[role] += 1
                    print(
                        f"{role} ended by itself: {self.living[role].returncode}\n{self._last_words()}",
                        flush=True,
                    )
                    self.living[role] = self.starts[role]()

    def _last_words(self) -> str:
        """Of all of them: they share a log."""
        if self.processes.log is None:
            return ""
        lines = Path(self.processes.log.name).read_text(errors="replace").splitlines()
        return "\n".join(lines[-LAST_LINES:])

    def kill(self, role: str, pause: Callable[[], object]) -> None:
        """kill -9 of the main process alone: what it has started notices by itself. Started again after `pause`."""
        with self._lock:
            process = self.living.pop(role)
        process.kill()
        process.wait()
        pause()
        with self._lock:
            self.living[role] = self.starts[role]()

    def away(self, kind: str, pause: Callable[[], object]) -> None:
        """All of a kind are killed, and started again after `pause`."""
        with self._lock:
            gone = {role: self.living.pop(role) for role in list(self.living) if role.startswith(kind)}
        for process in gone.values():
            process.kill()
        for process in gone.values():
            process.wait()
        pause()
        with self._lock:
            self.living |= {role: self.starts[role]() for role in gone}

    def children(self) -> list[Seen]:
        """The pool's processes of the script workers."""
        return [seen for seen in self._below_script_workers() if "sandbox.guest" not in seen.command]

    def zygotes(self) -> list[Seen]:
        """And what they have forked: scripts that run."""
        return [seen for seen in self._below_script_workers() if "sandbox.guest" in seen.command]

    def _below_script_workers(self) -> list[Seen]:
        with self._lock:
            mains = [process.pid for role, process in self.living.items() if role.startswith("script")]
        return [seen for main in mains for seen in descendants(main)]


def kill(victim: Seen) -> bool:
    """False: it has ended before."""
    if victim.lives():
        with suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGKILL)
            return True
    return False
