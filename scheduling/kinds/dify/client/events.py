"""The typed events of a stream. An event not listed here is skipped: every Dify version brings new ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from .payload import Payload
from .types import Pause, RunIds

StepKind = Literal["iteration", "loop"]


@dataclass(frozen=True)
class IdsSeen:
    """Comes before the event that brought the ids. Store them at once: cancel and recovery need them."""

    ids: RunIds


@dataclass(frozen=True)
class RunStarted:
    """`reason`: initial, or resumption after a pause for people; "" on older versions."""

    workflow_id: str
    reason: str = ""


@dataclass(frozen=True)
class NodeStarted:
    """`execution_id` distinguishes two executions of one node. Do not order by Dify's `index`."""

    execution_id: str
    node_id: str
    kind: str
    title: str
    iteration_id: str
    loop_id: str
    created_at: float = 0  # Unix seconds


@dataclass(frozen=True)
class NodeFinished:
    """`status`: succeeded, failed, exception (failed and caught), stopped, retry.

    `step`: the round of the iteration or loop around it, from 0.
    """

    execution_id: str
    node_id: str
    kind: str
    title: str
    status: str
    error: str
    elapsed_seconds: float
    tokens: int | None
    cost: Decimal | None
    currency: str
    iteration_id: str
    loop_id: str
    step: int | None


@dataclass(frozen=True)
class NodeRetried:
    execution_id: str
    node_id: str
    title: str
    error: str
    retry_index: int


@dataclass(frozen=True)
class StepsStarted:
    kind: StepKind
    node_id: str
    title: str


@dataclass(frozen=True)
class StepBegun:
    """`index` counts from 0, as Dify does; the first step of a loop is not announced."""

    kind: StepKind
    node_id: str
    title: str
    index: int


@dataclass(frozen=True)
class StepsFinished:
    kind: StepKind
    node_id: str
    title: str
    status: str
    error: str
    elapsed_seconds: float
    tokens: int | None


@dataclass(frozen=True)
class TextStreamed:
    """`source` names the variable the text comes from, so that two texts streamed at once can be kept apart."""

    text: str
    source: str
    is_answer: bool


@dataclass(frozen=True)
class AnswerReplaced:
    """Moderation took back what was streamed so far."""

    text: str


@dataclass(frozen=True)
class FileSent:
    """An agent or a tool has made a file; `url` is signed."""

    id: str
    url: str
    kind: str


@dataclass(frozen=True)
class AgentThought:
    thought: str
    tool: str


@dataclass(frozen=True)
class ErrorTold:
    status: int
    code: str
    message: str


@dataclass(frozen=True)
class RunPaused:
    pause: Pause
    outputs: Payload
    tokens: int | None
    steps: int
    elapsed_seconds: float


@dataclass(frozen=True)
class MessageEnded:
    """`files` are the agent's, as outputs, by their ids: the events told of them before, or did not."""

    tokens: int | None
    cost: Decimal | None
    currency: str
    files: Mapping[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class RunFinished:
    status: str
    outputs: Payload
    error: str
    tokens: int | None
    steps: int
    exceptions: int
    elapsed_seconds: float


Event = (
    IdsSeen
    | RunStarted
    | NodeStarted
    | NodeFinished
    | NodeRetried
    | StepsStarted
    | StepBegun
    | StepsFinished
    | TextStreamed
    | AnswerReplaced
    | FileSent
    | AgentThought
    | ErrorTold
    | RunPaused
    | MessageEnded
    | RunFinished
)
