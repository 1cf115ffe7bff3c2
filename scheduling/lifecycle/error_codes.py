"""Every `error_code` a run can end with, and whether another attempt could help."""

from __future__ import annotations

from scheduling.models import RunStatus

RETRYABLE = {
    "overlap": False,
    "misfire": False,
    "calendar": False,
    "disabled": False,
    "timeout": True,
    "canceled": False,
    "http_status": True,
    "webhook_failed": True,
    "connect_error": True,
    "address_refused": False,
    "response_too_large": True,
    "dify_failed": True,
    "dify_auth": False,
    "dify_rate": True,
    "dify_outcome_unknown": True,  # where the task's `retry_on_unknown` allows it: the executor says so
    "dify_paused": False,
    "config_error": False,
    "worker_lost": True,
    "internal_error": False,
    "cpu_limit": True,
    "memory_limit": True,
    "disk_limit": True,
    "call_limit": True,
    "result_limit": False,
    "script_error": True,
    "syntax_error": False,
    "deps_error": False,
    "sandbox_unavailable": False,
    "sandbox_lost": True,
}

# The status of runs that end with one of these codes; with all other codes they have failed.
NO_FAILURE = {
    "overlap": RunStatus.SKIPPED,
    "misfire": RunStatus.MISSED,
    "calendar": RunStatus.SKIPPED,
    "disabled": RunStatus.SKIPPED,
    "canceled": RunStatus.CANCELED,
}
