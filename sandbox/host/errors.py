"""The errors of the sandbox.

SandboxError
├── SandboxUnavailableError  this host can't hold a script safely enough: nothing was run
├── SandboxLostError         the zygote died: what the script has done so far is not known
├── GivenUpError             the caller of a job had no time left to wait for its turn: nothing was run
└── JobDiedError             a job that the platform ran in the jail took more than it may
"""

from __future__ import annotations

JOB_CPU_SECONDS = 2
JOB_MEMORY_MB = 256
JOB_WALL_SECONDS = 20  # a job has no way to just wait: only on a machine under load does one take this long
CAUSES = {
    "cpu": f"This takes more than {JOB_CPU_SECONDS} s of CPU time.",
    "memory": f"This takes more than {JOB_MEMORY_MB} MiB of memory.",
    "time": f"This takes more than {JOB_WALL_SECONDS} s.",
    "size": "The text is longer than 1 MiB.",
    "crash": "Python crashes on it.",
}


class SandboxError(Exception):
    error_code: str


class SandboxUnavailableError(SandboxError):
    error_code = "sandbox_unavailable"


class SandboxLostError(SandboxError):
    error_code = "sandbox_lost"


class GivenUpError(SandboxError):
    error_code = "timeout"


class JobDiedError(SandboxError):
    """A job took more than it may. `cause` is one of CAUSES; the text is its sentence about the job."""

    error_code = "config_error"

    def __init__(self, cause: str) -> None:
        super().__init__(CAUSES[cause])
        self.cause = cause
