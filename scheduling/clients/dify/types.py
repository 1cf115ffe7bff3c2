"""What is asked of Dify and what it tells, as far as we use it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

AppType = Literal["workflow", "chat", "completion"]
ResponseMode = Literal["streaming", "blocking"]

FINAL_STATUSES = frozenset({"succeeded", "failed", "stopped", "partial-succeeded", "paused"})
MODES: Mapping[AppType, frozenset[str]] = {
    "workflow": frozenset({"workflow"}),
    "chat": frozenset({"chat", "agent-chat", "advanced-chat"}),
    "completion": frozenset({"completion"}),
}


@dataclass(frozen=True)
class RunRequest:
    """`workflow_id` fixes a published version, workflow apps only. `query` is the message, chat apps only.

    `trace_id` matches [A-Za-z0-9_-]{1,128}.
    """

    user: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    app_type: AppType = "workflow"
    response_mode: ResponseMode = "streaming"
    workflow_id: str = ""
    query: str = ""
    conversation_id: str = ""
    trace_id: str = ""


@dataclass(frozen=True)
class RunIds:
    """`run_id` names the run in detail and logs, `task_id` in stop. "" = not seen yet."""

    run_id: str = ""
    task_id: str = ""
    message_id: str = ""
    conversation_id: str = ""


@dataclass(frozen=True)
class Pause:
    """Waits for people in Dify. The form's token is left out on purpose: whoever has it can answer."""

    node_titles: tuple[str, ...]


@dataclass(frozen=True)
class RunResult:
    """`status` is Dify's word: running, succeeded, failed, stopped, partial-succeeded, paused.

    `error_code` is the code of an `error` event. `tokens` and `cost` are None where none were told, `currency` then "".
    `exceptions` counts the nodes that failed and were caught.
    """

    status: str
    ids: RunIds
    outputs: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
    error_code: str = ""
    tokens: int | None = None
    cost: Decimal | None = None
    currency: str = ""
    steps: int = 0
    exceptions: int = 0
    elapsed_seconds: float = 0.0
    pause: Pause | None = None

    @property
    def is_final(self) -> bool:
        return self.status in FINAL_STATUSES

    @property
    def is_success(self) -> bool:
        return self.status in ("succeeded", "partial-succeeded")

    @property
    def was_stopped(self) -> bool:
        """By whomever. The stream of a stopped run says `failed`, its detail `stopped`."""
        return self.status == "stopped" or (self.status == "failed" and self.error.startswith("Aborted:"))


@dataclass(frozen=True)
class LoggedRun:
    run_id: str
    status: str
    created_at: datetime


@dataclass(frozen=True)
class AppInfo:
    """`mode` is "" on servers too old to tell."""

    name: str
    mode: str
    server_version: str

    def fits(self, app_type: AppType) -> bool:
        return not self.mode or self.mode in MODES[app_type]


@dataclass(frozen=True)
class InputField:
    name: str
    kind: str
    is_required: bool


@dataclass(frozen=True)
class UploadedFile:
    id: str
    name: str
    size: int


@dataclass(frozen=True)
class InputCheck:
    """`undeclared` inputs are dropped by Dify without a word."""

    missing: tuple[str, ...]
    undeclared: tuple[str, ...]


def check_inputs(fields: tuple[InputField, ...], inputs: Mapping[str, Any]) -> InputCheck:
    missing = (f.name for f in fields if f.is_required and inputs.get(f.name) in (None, ""))
    declared = {f.name for f in fields}
    return InputCheck(tuple(missing), tuple(name for name in inputs if name not in declared))
