"""Requests to Dify and its responses, as far as the platform uses them."""

import re
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


STOPPED_BY_DIFY_1_16 = {"App task was stopped"}
STOPPED_BY_A_PERSON = {"User requested stop", "Stopped by user."} | STOPPED_BY_DIFY_1_16
OUT_OF_TIME = re.compile(
    r"maximum execution time exceeded|app execution exceeded|exceeded (?:[a-z]+ )*[\d.]+ ?s(?:econds)?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class RunRequest:
    """`workflow_id` fixes a published version (workflow apps only), `query` is the message (chat apps only).

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
    """`run_id` identifies the run in detail and logs, `task_id` in stop. "" means not seen yet."""

    run_id: str = ""
    task_id: str = ""
    message_id: str = ""
    conversation_id: str = ""


@dataclass(frozen=True)
class Pause:
    """A run that waits for people. The form's token is left out on purpose: with it anybody could answer."""

    node_titles: tuple[str, ...]


@dataclass(frozen=True)
class RunResult:
    """`status` is Dify's: running, succeeded, failed, stopped, partial-succeeded or paused.

    `error_code` is the code of an `error` event. `tokens` and `cost` are None where Dify sent none, `currency` then "".
    `exceptions` counts the nodes that failed and were caught. `was_resumed` is true after a pause for people, on Dify
    1.16. Only run detail has the `inputs`.
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
    was_resumed: bool = False
    inputs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_final(self) -> bool:
        return self.status in FINAL_STATUSES

    @property
    def is_success(self) -> bool:
        return self.status in ("succeeded", "partial-succeeded")

    @property
    def never_began(self) -> bool:
        """Whether Dify refused the call but answered as if a run had failed: it stores no such run."""
        return self.status == "failed" and not self.steps and not self.elapsed_seconds

    @property
    def was_stopped(self) -> bool:
        """Whether a person or a limit stopped the run. Its stream has the status `failed`, its detail `stopped`."""
        return self.status == "stopped" or (self.status == "failed" and self.error.startswith("Aborted:"))

    @property
    def was_stopped_by_a_person(self) -> bool:
        """Whether a person stopped the run. Dify 1.16 ends resumed runs with the same words (upstream #39448)."""
        words = STOPPED_BY_A_PERSON - (STOPPED_BY_DIFY_1_16 if self.was_resumed else set())
        return self.was_stopped and any(said in self.error for said in words)

    @property
    def was_out_of_time(self) -> bool:
        """Whether one of Dify's own time limits stopped the run."""
        return self.was_stopped and bool(OUT_OF_TIME.search(self.error))


@dataclass(frozen=True)
class LoggedRun:
    """A run in Dify's logs; `detail` is its run detail, None where that was not asked for."""

    run_id: str
    status: str
    created_at: datetime
    detail: RunResult | None = None


@dataclass(frozen=True)
class AppInfo:
    """`mode` is "" on servers too old to send it."""

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
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class UploadedFile:
    id: str
    name: str
    size: int


@dataclass(frozen=True)
class InputCheck:
    """Dify drops `undeclared` inputs silently; `unfit` has a sentence for each value that is none of the options."""

    missing: tuple[str, ...]
    undeclared: tuple[str, ...]
    unfit: tuple[str, ...] = ()

    @property
    def refusal(self) -> str:
        """A sentence why no run would begin; "" where one would."""
        missing = f"The app requires the input {', '.join(self.missing)}." if self.missing else ""
        return " ".join(filter(None, [missing, *self.unfit]))


def check_inputs(fields: tuple[InputField, ...], inputs: Mapping[str, Any]) -> InputCheck:
    missing = (f.name for f in fields if f.is_required and inputs.get(f.name) in (None, ""))
    declared = {f.name for f in fields}
    unfit = (
        f"The input {f.name} must be one of: {', '.join(f.options)}."
        for f in fields
        if f.options and inputs.get(f.name) not in (None, "", *f.options)
    )
    return InputCheck(tuple(missing), tuple(name for name in inputs if name not in declared), tuple(unfit))
