"""SandboxError
├── SandboxUnavailable   this host can't hold a script safely enough: nothing was run
└── SandboxLost          the zygote died: what the script has done so far is not known
"""

from __future__ import annotations


class SandboxError(Exception):
    error_code: str


class SandboxUnavailable(SandboxError):
    error_code = "sandbox_unavailable"


class SandboxLost(SandboxError):
    error_code = "sandbox_lost"
