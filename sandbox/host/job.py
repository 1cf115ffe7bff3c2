"""Attends to one job from the fork to its answer. All that comes in is hostile until checked."""

from __future__ import annotations

import signal
import socket
from typing import Any

from sandbox.host.errors import (
    JOB_CPU_SECONDS,
    JOB_MEMORY_MB,
    JOB_WALL_SECONDS,
    JobDiedError,
    SandboxLostError,
    SandboxUnavailableError,
)
from sandbox.host.result import ProcessExit
from sandbox.host.zygote import Zygote
from sandbox.protocol import EXIT_OUT_OF_MEMORY, Frames, ProtocolError

_LIMITS = {
    "wall_seconds": JOB_WALL_SECONDS,
    "cpu_seconds": JOB_CPU_SECONDS,
    # The address space is limited to twice this. Nothing watches the resident memory, so that is the only limit.
    "memory_mb": JOB_MEMORY_MB // 2,
    "disk_mb": 0,
    "nofile": 16,
    "threads": 1,
}
_GRACE_SECONDS = 10.0  # for the zygote to kill an overdue job; if it reports nothing by then, it is lost
_CHUNK = 262144
_ANSWER_BYTES = 7 << 20  # 1 MiB of characters, each of them six bytes as JSON


def do_job(zygote: Zygote, order: bytes) -> dict[str, Any]:
    """Send a packed order and return the answer. Raises SandboxLostError, SandboxUnavailableError or JobDiedError."""
    with zygote.start_job(_LIMITS) as connection:
        connection.settimeout(JOB_WALL_SECONDS + _GRACE_SECONDS)
        try:
            _send(connection, order)
            answer, ended = _listen(connection)
        except TimeoutError as error:
            zygote.is_lost = True
            raise SandboxLostError("The sandbox doesn't answer.") from error
        except ProtocolError as error:
            raise JobDiedError("crash") from error
    if answer is not None:
        return answer
    if ended is None:
        zygote.is_lost = True
        raise SandboxLostError("The sandbox died.")
    raise JobDiedError(_cause_of_death(ended))


def _send(connection: socket.socket, order: bytes) -> None:
    try:
        connection.sendall(order)
    except ConnectionError:
        return  # it died before it had read everything; the zygote will report why


def _listen(connection: socket.socket) -> tuple[dict[str, Any] | None, ProcessExit | None]:
    """Wait for the answer, otherwise for the report of how the process ended. Both are None if neither came.

    After an answer there is nothing to wait for: the zygote ends the process as soon as the connection is closed.
    """
    frames = Frames(_ANSWER_BYTES)
    while data := _receive(connection):
        for message in frames.feed(data):
            match message:
                case {"kind": "unjailed", "error": str(error)}:
                    raise SandboxUnavailableError(f"A layer of the sandbox failed: {error[:500]}")
                case {"kind": "answer"}:
                    return message, None
                case {"kind": "ended", "status": int(status), "cpu_ms": int(cpu), "peak_bytes": int(peak)}:
                    return None, ProcessExit(status, cpu, peak)
                case _:
                    raise ProtocolError("a message of no known kind")
    return None, None


def _receive(connection: socket.socket) -> bytes:
    try:
        return connection.recv(_CHUNK)
    except ConnectionError:
        return b""


def _cause_of_death(ended: ProcessExit) -> str:
    if ended.status == -signal.SIGXCPU or ended.cpu_ms >= 1000 * JOB_CPU_SECONDS:
        return "cpu"
    if ended.status == EXIT_OUT_OF_MEMORY:
        return "memory"
    return "time" if ended.status == -signal.SIGKILL else "crash"
