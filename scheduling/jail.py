"""Jobs in the sandbox.

What users wrote is compiled, parsed and rendered only there, never in a process that tenants share.
"""

from __future__ import annotations

from functools import cache

from django.conf import settings
from django.utils.translation import gettext as _

from sandbox.host.errors import (
    JOB_CPU_SECONDS,
    JOB_MEMORY_MB,
    JOB_WALL_SECONDS,
    JobDiedError,
    SandboxError,
)
from sandbox.host.jobs import Jobs


@cache
def jobs() -> Jobs:
    return Jobs(min_level=settings.SANDBOX_MIN_LEVEL, unsafe=settings.SANDBOX_UNSAFE)


def why_undone(error: SandboxError) -> str:
    """Return why a job gave no answer, in the reader's language; `str(error)` is the same in English."""
    if not isinstance(error, JobDiedError):
        return str(error)
    match error.cause:
        case "cpu":
            return _("This takes more than %(most)d s of CPU time.") % {"most": JOB_CPU_SECONDS}
        case "memory":
            return _("This takes more than %(most)d MiB of memory.") % {"most": JOB_MEMORY_MB}
        case "time":
            return _("This takes more than %(most)d s.") % {"most": JOB_WALL_SECONDS}
        case "size":
            return _("The text is longer than 1 MiB.")
    return _("Python crashes on it.")
