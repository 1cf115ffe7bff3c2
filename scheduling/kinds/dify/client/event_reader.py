"""From a stream's payloads, as Dify writes them, to the typed events."""

from collections.abc import Callable, Mapping
from typing import Any

from .events import (
    AgentThought,
    AnswerReplaced,
    ErrorTold,
    Event,
    FileSent,
    MessageEnded,
    NodeFinished,
    NodeRetried,
    NodeStarted,
    RunFinished,
    RunPaused,
    RunStarted,
    StepBegun,
    StepKind,
    StepsFinished,
    StepsStarted,
    TextStreamed,
)
from .files import sent_with
from .payload import Payload, count, integer, items, mapping, number, price, text
from .types import Pause, RunIds


def read_event(payload: Payload) -> Event | None:
    read = READERS.get(text(payload, "event"))
    return read(payload) if read else None


def read_ids(payload: Payload) -> RunIds:
    return RunIds(
        run_id=text(payload, "workflow_run_id"),
        task_id=text(payload, "task_id"),
        message_id=text(payload, "message_id"),
        conversation_id=text(payload, "conversation_id"),
    )


def read_pause(data: Payload) -> Pause:
    """Read what the run waits for. One without a title (a node that waits for something else) gives its node id."""
    reasons = items(data, "reasons")
    titles = tuple(text(reason, "node_title") or text(reason, "node_id") for reason in reasons)
    nodes = data.get("paused_nodes")
    return Pause(titles or tuple(str(node) for node in nodes or ()))


def _run_started(payload: Payload) -> Event:
    data = mapping(payload, "data")
    return RunStarted(text(data, "workflow_id"), text(data, "reason"))


def _node_started(payload: Payload) -> Event:
    data = mapping(payload, "data")
    return NodeStarted(
        execution_id=text(data, "id"),
        node_id=text(data, "node_id"),
        kind=text(data, "node_type"),
        title=text(data, "title"),
        iteration_id=text(data, "iteration_id"),
        loop_id=text(data, "loop_id"),
        created_at=number(data, "created_at"),
    )


def _node_finished(payload: Payload) -> Event:
    data = mapping(payload, "data")
    metadata = mapping(data, "execution_metadata")
    return NodeFinished(
        execution_id=text(data, "id"),
        node_id=text(data, "node_id"),
        kind=text(data, "node_type"),
        title=text(data, "title"),
        status=text(data, "status"),
        error=_node_error(data),
        elapsed_seconds=number(data, "elapsed_time"),
        tokens=count(metadata, "total_tokens"),
        cost=price(metadata, "total_price"),
        currency=text(metadata, "currency"),
        iteration_id=text(data, "iteration_id"),
        loop_id=text(data, "loop_id"),
        step=_step(metadata),
    )


def _node_error(data: Payload) -> str:
    """Return the node's error. For a caught one Dify has "Unknown error" there, and the real text among the outputs."""
    caught = text(mapping(data, "outputs"), "error_message") if text(data, "status") == "exception" else ""
    return caught.strip() or text(data, "error")


def _step(metadata: Payload) -> int | None:
    name = next((n for n in ("iteration_index", "loop_index") if metadata.get(n) is not None), None)
    return None if name is None else integer(metadata, name)


def _node_retried(payload: Payload) -> Event:
    data = mapping(payload, "data")
    return NodeRetried(
        execution_id=text(data, "id"),
        node_id=text(data, "node_id"),
        title=text(data, "title"),
        error=text(data, "error"),
        retry_index=integer(data, "retry_index"),
    )


def _steps_started(kind: StepKind) -> Callable[[Payload], Event]:
    def read(payload: Payload) -> Event:
        data = mapping(payload, "data")
        return StepsStarted(kind, text(data, "node_id"), text(data, "title"))

    return read


def _step_begun(kind: StepKind) -> Callable[[Payload], Event]:
    def read(payload: Payload) -> Event:
        data = mapping(payload, "data")
        return StepBegun(kind, text(data, "node_id"), text(data, "title"), integer(data, "index"))

    return read


def _steps_finished(kind: StepKind) -> Callable[[Payload], Event]:
    def read(payload: Payload) -> Event:
        data = mapping(payload, "data")
        return StepsFinished(
            kind=kind,
            node_id=text(data, "node_id"),
            title=text(data, "title"),
            status=text(data, "status"),
            error=text(data, "error"),
            elapsed_seconds=number(data, "elapsed_time"),
            tokens=count(data, "total_tokens"),
        )

    return read


def _text_chunk(payload: Payload) -> Event:
    data = mapping(payload, "data")
    return TextStreamed(text(data, "text"), _source(data), is_answer=False)


def _answer(payload: Payload) -> Event:
    return TextStreamed(text(payload, "answer"), _source(payload), is_answer=True)


def _source(payload: Payload) -> str:
    selector: Any = payload.get("from_variable_selector")
    return ".".join(str(part) for part in selector) if isinstance(selector, list) else ""


def _file(payload: Payload) -> Event:
    """Return a file; one that belongs to the user is what the run was given, and has no address here."""
    is_given = text(payload, "belongs_to") == "user"
    url = "" if is_given else text(payload, "url")
    return FileSent(text(payload, "id"), url, text(payload, "type"))


def _error(payload: Payload) -> Event:
    return ErrorTold(integer(payload, "status"), text(payload, "code"), text(payload, "message"))


def _paused(payload: Payload) -> Event:
    data = mapping(payload, "data")
    return RunPaused(
        pause=read_pause(data),
        outputs=mapping(data, "outputs"),
        tokens=count(data, "total_tokens"),
        steps=integer(data, "total_steps"),
        elapsed_seconds=number(data, "elapsed_time"),
    )


def read_message_end(payload: Payload) -> MessageEnded:
    usage = mapping(mapping(payload, "metadata"), "usage")
    return MessageEnded(
        tokens=count(usage, "total_tokens"),
        cost=price(usage, "total_price"),
        currency=text(usage, "currency"),
        files=sent_with(payload),
    )


def _finished(payload: Payload) -> Event:
    data = mapping(payload, "data")
    return RunFinished(
        status=text(data, "status"),
        outputs=mapping(data, "outputs"),
        error=text(data, "error"),
        tokens=count(data, "total_tokens"),
        steps=integer(data, "total_steps"),
        exceptions=integer(data, "exceptions_count"),
        elapsed_seconds=number(data, "elapsed_time"),
    )


READERS: Mapping[str, Callable[[Payload], Event]] = {
    "workflow_started": _run_started,
    "node_started": _node_started,
    "node_finished": _node_finished,
    "node_retry": _node_retried,
    "iteration_started": _steps_started("iteration"),
    "iteration_next": _step_begun("iteration"),
    "iteration_completed": _steps_finished("iteration"),
    "loop_started": _steps_started("loop"),
    "loop_next": _step_begun("loop"),
    "loop_completed": _steps_finished("loop"),
    "text_chunk": _text_chunk,
    "message": _answer,
    "agent_message": _answer,
    "message_replace": lambda payload: AnswerReplaced(text(payload, "answer")),
    "agent_thought": lambda payload: AgentThought(text(payload, "thought"), text(payload, "tool")),
    "message_file": _file,
    "error": _error,
    "workflow_paused": _paused,
    "message_end": read_message_end,
    "workflow_finished": _finished,
}
