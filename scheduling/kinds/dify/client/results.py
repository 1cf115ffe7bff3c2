"""Results that come as one JSON object: those of blocking calls and of run detail."""

from dataclasses import replace

from .errors import UnansweredError
from .event_reader import read_ids, read_message_end, read_pause
from .files import with_files
from .payload import Payload, count, integer, mapping, number, text
from .types import RunIds, RunResult


def read_blocking(body: Payload) -> RunResult:
    """Return the result of a blocking call. Raises UnansweredError.

    A chat or completion app sends no status: there an `answer` is a success.
    """
    if "data" in body:
        return _read_run(mapping(body, "data"), read_ids(body))
    if "answer" not in body:
        raise UnansweredError("the answer is not the result of a run")
    ended = read_message_end(body)
    return RunResult(
        status="succeeded",
        ids=read_ids(body),
        outputs=with_files({"answer": text(body, "answer")}, ended.files),
        tokens=ended.tokens,
        cost=ended.cost,
        currency=ended.currency,
    )


def read_detail(body: Payload) -> RunResult:
    result = _read_run(body, RunIds(run_id=text(body, "id")))
    return replace(result, inputs=mapping(body, "inputs"))


def _read_run(data: Payload, ids: RunIds) -> RunResult:
    status = text(data, "status")
    return RunResult(
        status=status,
        ids=ids,
        outputs=mapping(data, "outputs"),
        error=text(data, "error"),
        tokens=count(data, "total_tokens"),
        steps=integer(data, "total_steps"),
        exceptions=integer(data, "exceptions_count"),
        elapsed_seconds=number(data, "elapsed_time"),
        pause=read_pause(data) if status == "paused" else None,
    )
