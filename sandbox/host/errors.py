"""SandboxError
├── SandboxUnavailableError  this host can't hold a script safely enough: nothing was run
├── SandboxLostError         the zygote died: what the script has done so far is not known
├── GivenUpError             who asked for a job has no time left to wait for its turn: nothing was run
└── JobDiedError             what the platform had done in the jail took more than it may
"""

from __future__ import annotations

JOB_CPU_SECONDS = 2
JOB_MEMORY_MB = 256
JOB_WALL_SECONDS = 20  # a job that does nothing but wait has no way to: only a machine under load gets here
CAUSES = {
    "cpu": f"It takes more than {JOB_CPU_SECONDS} s of CPU time.",
    "memory": f"It takes more than {JOB_MEMORY_MB} MiB of memory.",
    "time": f"It takes more than {JOB_WALL_SECONDS} s.",
    "size": "It is longer than 1 MiB.",
    "crash": "It makes Python crash.",
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
    """`cause`: one of CAUSES. The text says it of the job."""

    error_code = "config_error"

    def __init__(self, cause: str) -> None:
        super().__init__(CAUSES[cause])
        self.cause = cause
