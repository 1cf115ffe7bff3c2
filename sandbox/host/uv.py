"""Runs uv, which locks a script's dependencies and installs a lock, in a process with hardly any environment variables.

Only wheels are accepted, so no code of a package is run.
"""

from __future__ import annotations

import os
import re
import resource
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from sandbox.host.errors import SandboxError
from sandbox.host.work_dir import is_too_large
from sandbox.host.zygote import default_python

Report = Callable[[str], None]
IsCanceled = Callable[[], bool]

MAX_SECONDS = 600.0
MAX_FILE_BYTES = 1 << 30
MAX_MEMORY_BYTES = 1 << 30  # address space of uv, and of each process that compiles bytecode for it
MAX_FILES = 200_000
LOCKING_MB = 1024
LOOK_SECONDS = 0.25
SIZE_LOOK_SECONDS = 0.5
_MAX_SHOWN_CHARACTERS = 2000
_WITHOUT_WHEEL = re.compile(r"Wheels are required for `([^`]+)`")
# An operator's own certificate authorities: a company's mirror or proxy may have its certificate from one.
_TRUSTED = ("SSL_CERT_FILE", "SSL_CERT_DIR")


class DepsError(SandboxError):
    """The dependencies can't be locked or installed; the text says why, in uv's words."""

    error_code = "deps_error"


class DepsCanceledError(DepsError):
    pass


_LIMITS = {resource.RLIMIT_FSIZE: MAX_FILE_BYTES, resource.RLIMIT_AS: MAX_MEMORY_BYTES}


class Uv:
    """The program uv. `index_url` "" is uv's default; its password appears in no process's arguments and in no line."""

    def __init__(self, program: str, *, index_url: str = "", proxy_url: str = "") -> None:
        self.program, self.index_url, self.proxy_url = program, index_url, proxy_url

    def lock(self, requirements: Sequence[str], say: Report, canceled: IsCanceled) -> str:
        """Return exact versions with hashes, of the requirements and all that they need. Raises DepsError."""
        with tempfile.TemporaryDirectory(prefix="script-deps-") as directory:
            wanted, locked = Path(directory, "wanted"), Path(directory, "locked")
            wanted.write_text("".join(f"{line}\n" for line in requirements))
            options = ("--only-binary", ":all:", "--generate-hashes", "--no-header", "--no-annotate")
            arguments = ("compile", *options, "--output-file", str(locked), str(wanted))
            self._run(*arguments, place=Path(directory), max_mb=LOCKING_MB, say=say, canceled=canceled)
            return locked.read_text()

    def install(self, lock: str, place: Path, max_mb: int, say: Report, canceled: IsCanceled) -> Path:
        """Return the directory below `place` that holds the packages, with compiled bytecode. Raises DepsError.

        All that uv writes lies below `place`, on one disk. uv is ended once that takes more than twice `max_mb`: once
        for what it unpacks, and once for what it puts together from that.
        """
        target = place / "packages"
        with tempfile.NamedTemporaryFile("w", prefix="script-deps-") as file:
            file.write(lock)
            file.flush()
            options = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "--compile-bytecode")
            arguments = ("install", *options, "--target", str(target), "-r", file.name)
            self._run(*arguments, place=place, max_mb=2 * max_mb, say=say, canceled=canceled)
        return target

    def _run(
        self, command: str, *arguments: str, place: Path, max_mb: int, say: Report, canceled: IsCanceled
    ) -> None:
        # No cache: packages that one tenant's script brought in must not reach another tenant's.
        options = ("--no-config", "--no-cache", "--no-python-downloads", "--python", default_python())
        with tempfile.TemporaryDirectory(prefix="home-", dir=place) as home:
            process = subprocess.Popen(
                [self.program, "pip", command, *options, *arguments],
                env=self._environment(home),
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
            with process:
                for limit, maximum in _LIMITS.items():
                    resource.prlimit(process.pid, limit, (maximum, maximum))
                try:
                    last_lines = self._follow(process, place, max_mb, say, canceled)
                finally:
                    _kill_group(process.pid)
        if process.returncode != 0:
            raise DepsError(_explained(last_lines) or f"uv ended with code {process.returncode}")

    def _environment(self, home: str) -> dict[str, str]:
        index = {"UV_DEFAULT_INDEX": self.index_url} if self.index_url else {}
        proxy = {"ALL_PROXY": self.proxy_url} if self.proxy_url else {}
        trusted = {name: os.environ[name] for name in _TRUSTED if name in os.environ}
        return {"HOME": home, "TMPDIR": home, "NO_COLOR": "1"} | trusted | index | proxy

    def _follow(
        self, process: subprocess.Popen[bytes], place: Path, max_mb: int, say: Report, canceled: IsCanceled
    ) -> str:
        """Pass each line of uv's output to `say` until uv ends, and return the last lines. Raises DepsError."""
        ends_at, measured = time.monotonic() + MAX_SECONDS, time.monotonic()
        assert process.stderr is not None
        fd, last_lines, unfinished = process.stderr.fileno(), "", b""
        while True:
            if canceled():
                raise DepsCanceledError("Canceled while the dependencies were being installed.")
            if time.monotonic() > ends_at:
                raise DepsError(f"The dependencies took longer than {MAX_SECONDS:g} s.")
            if time.monotonic() - measured >= SIZE_LOOK_SECONDS:
                measured = time.monotonic()
                if is_too_large(str(place), max_mb, MAX_FILES):
                    raise DepsError(f"The dependencies unpack to more than {max_mb // 2} MiB.")
            if not select.select([fd], [], [], LOOK_SECONDS)[0]:
                continue
            data = os.read(fd, 65536)
            *lines, unfinished = (unfinished + data).split(b"\n")
            if not data:
                lines = [unfinished]
            for line in filter(None, (line.decode(errors="replace").rstrip() for line in lines)):
                say(line)
                last_lines = _last_lines(f"{last_lines}\n{line}".strip())
            if not data:
                process.wait()
                return last_lines


def _explained(words: str) -> str:
    """Return uv's words, and what they mean here if a package has only source distributions."""
    if not (names := sorted(set(_WITHOUT_WHEEL.findall(words)))):
        return words
    return (
        f"{words}\nOnly wheels are installed here, because building a source distribution runs its code. No wheel that "
        f"fits: {', '.join(names)}."
    )


def _last_lines(last_lines: str) -> str:
    """Return as many of the last lines as fit, at least one. None is cut: secrets in them are masked later."""
    while len(last_lines) > _MAX_SHOWN_CHARACTERS and "\n" in last_lines:
        last_lines = last_lines.partition("\n")[2]
    return last_lines


def _kill_group(leader: int) -> None:
    """Kill uv and the processes that it started to compile bytecode. Do nothing if all have ended."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
