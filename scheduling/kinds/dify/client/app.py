"""One Dify app: its base URL and its key.

Written against Dify 1.12 to 1.15. Dify has no idempotency key, so `run` is never repeated here; its error says
whether anything can have started.
"""

import copy
import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from common import http

from .base_url import normalize_base_url
from .errors import (
    AddressNotAllowedError,
    CanceledError,
    MisconfiguredError,
    OutcomeUnknownError,
    RunNotFoundError,
    TimedOutError,
    UnansweredError,
    UnreachableError,
    WrongBaseUrlError,
)
from .payload import Payload, instant, integer, items, mapping, parse, text
from .reading import Clock, Observer, Patience, RunReader
from .refusals import WRONG_BASE_URL, refusal
from .results import read_detail
from .types import AppInfo, AppType, InputField, LoggedRun, RunRequest, RunResult, UploadedFile

CONNECT_SECONDS = 10
MAX_ANSWER_BYTES = 64 * 1024 * 1024
MAX_STREAM_BYTES = 1024 * 1024 * 1024
LOG_ROWS = 100
SNAPSHOT_SECONDS = 5.0
LAST_LOOK_SECONDS = 0.5  # for one last question after the deadline: the run may have ended meanwhile

SecondsLeft = Callable[[], float]

STOP_PATHS: Mapping[AppType, str] = {
    "workflow": "workflows/tasks/{}/stop",
    "chat": "chat-messages/{}/stop",
    "completion": "completion-messages/{}/stop",
}


class DifyClient:
    """`policy` says what may be reached and by which proxy. The client replaces the times in it."""

    def __init__(
        self,
        base_url: str,
        api_key: str,
        policy: http.Policy,
        *,
        patience: Patience = Patience(),  # noqa: B008
        clock: Clock = time.monotonic,
        connect: Callable[[http.Policy], http.Client] = http.Client,
    ) -> None:
        self.base_url = normalize_base_url(base_url)
        self._headers = {"Authorization": f"Bearer {api_key}"}
        self._policy = replace(policy, connect_seconds=CONNECT_SECONDS, max_redirects=0)
        self._patience = patience
        self._clock = clock
        self._connect = connect
        self._seconds_left: SecondsLeft = lambda: math.inf
        self._switch: http.CancelSwitch | None = None

    def within(self, seconds_left: SecondsLeft, switch: http.CancelSwitch) -> "DifyClient":
        """Return a copy of the client whose every call ends when that time is over, or by the switch."""
        bounded = copy.copy(self)
        bounded._seconds_left, bounded._switch = seconds_left, switch  # noqa: SLF001  # its own copy
        return bounded

    def run(
        self,
        request: RunRequest,
        observe: Observer,
        timeout_seconds: float,
        switch: http.CancelSwitch | None = None,
    ) -> RunResult:
        """Start a run and follow it to its end.

        `observe` gets the events, the ids first of all. Raises NotStartedError and RefusedError, and
        OutcomeUnknownError, TimedOutError and CanceledError: after these three, recover or stop the run by its ids.
        """
        is_streaming = request.response_mode == "streaming"
        policy = replace(
            self._policy,
            read_seconds=self._patience.first_event_seconds if is_streaming else timeout_seconds,
            total_seconds=timeout_seconds,
            max_bytes=MAX_STREAM_BYTES,
        )
        reader = RunReader(self._patience, observe, self._clock)
        headers = {**self._headers, **({"X-Trace-Id": request.trace_id} if request.trace_id else {})}
        url = f"{self.base_url}/{_run_path(request)}"
        with _translated(OutcomeUnknownError):
            client = self._connect(policy)
            with client.stream(
                "POST", url, headers=headers, json=_run_body(request), switch=switch
            ) as stream:
                return _read_run(stream, reader)

    def run_detail(self, run_id: str, switch: http.CancelSwitch | None = None) -> RunResult:
        """Return the run as Dify stores it, running or ended. Raises RunNotFoundError and the errors of `_ask`."""
        path = f"workflows/run/{quote(run_id, safe='')}"
        answer = self._ask("GET", path, missing=RunNotFoundError, switch=switch)
        # Dify 1.12 answers 200 with nothing but nulls for a run that it doesn't know.
        if not text(answer, "id"):
            raise RunNotFoundError(run_id)
        return read_detail(answer)

    def snapshot(self, run_id: str, user: str, observe: Observer) -> RunResult:
        """Read again what has happened in a run that waits for people.

        The ids among the events are of no use: the task id is wrong there.
        Raises OutcomeUnknownError and the errors of `_ask`.
        """
        seconds = min(SNAPSHOT_SECONDS, max(self._seconds_left(), LAST_LOOK_SECONDS))
        policy = replace(
            self._policy, read_seconds=seconds, total_seconds=seconds, max_bytes=MAX_ANSWER_BYTES
        )
        url = f"{self.base_url}/workflow/{quote(run_id, safe='')}/events"
        params = {"user": user, "include_state_snapshot": "true"}
        reader = RunReader(self._patience, observe, self._clock)
        with _translated(UnansweredError):
            client = self._connect(policy)
            with client.stream(
                "GET", url, headers=self._headers, params=params, switch=self._switch
            ) as stream:
                if stream.status != 200:
                    raise refusal(stream.read())
                return reader.read(stream)

    def logs(self, user: str, after: datetime, switch: http.CancelSwitch | None = None) -> list[LoggedRun]:
        """Return the runs that `user` started after that time, newest first; a run is listed as soon as it starts.

        For workflow apps only.
        """
        params = {
            "created_by_end_user_session_id": user,
            "created_at__after": after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "limit": LOG_ROWS,
        }
        rows = items(self._ask("GET", "workflows/logs", params=params, switch=switch), "data")
        runs = [_logged_run(row) for row in rows if _is_started_by(row, user)]
        return [run for run in runs if run.run_id and run.created_at >= after]

    def stop(self, app_type: AppType, task_id: str, user: str) -> None:
        """Ask Dify to stop the run. Dify agrees even where it knows no such task."""
        path = STOP_PATHS[app_type].format(quote(task_id, safe=""))
        self._ask("POST", path, json={"user": user})

    def info(self) -> AppInfo:
        with _translated(UnansweredError):
            answer = self._request("GET", "info")
        body, version = _json_of(answer), answer.headers.get("X-Version", "")
        if not version and not (text(body, "name") and {"mode", "tags", "description"} & body.keys()):
            raise WrongBaseUrlError(f"{WRONG_BASE_URL} (what answers is not Dify)")
        return AppInfo(text(body, "name"), text(body, "mode"), version)

    def has_version(self, workflow_id: str) -> bool:
        """Return whether the published workflow app has this version.

        Asks for a run that Dify never begins, with a file that does not exist. Dify looks for the version first, and in
        blocking mode at the files before it starts anything.
        """
        nobody = "00000000-0000-0000-0000-000000000000"
        file = {"type": "document", "transfer_method": "local_file", "upload_file_id": nobody}
        body = {"inputs": {}, "files": [file], "user": "test-connection", "response_mode": "blocking"}
        with _translated(UnansweredError):
            answer = self._request("POST", f"workflows/{quote(workflow_id, safe='')}/run", json=body)
        said = parse(answer.content) or {}
        return answer.status != 404 and "workflow_id" not in text(said, "message")

    def parameters(self) -> tuple[InputField, ...]:
        answer = self._ask("GET", "parameters")
        if not isinstance(answer.get("user_input_form"), list):
            raise WrongBaseUrlError(f"{WRONG_BASE_URL} (what answers is not Dify)")
        form = items(answer, "user_input_form")
        return tuple(
            InputField(text(fields, "variable"), kind, fields.get("required") is True, _options(kind, fields))
            for entry in form
            for kind, fields in entry.items()
            if isinstance(fields, dict)
        )

    def upload(self, file: http.UploadFile, user: str) -> UploadedFile:
        """Upload a file for a run of the same `user`; other users do not find it."""
        answer = self._ask("POST", "files/upload", data={"user": user}, files={"file": file})
        return UploadedFile(text(answer, "id"), text(answer, "name"), integer(answer, "size"))

    def _ask(
        self, method: str, path: str, missing: type[RunNotFoundError] | None = None, **how: Any
    ) -> Payload:
        with _translated(UnansweredError):
            answer = self._request(method, path, **how)
        if missing and answer.status == 404 and parse(answer.content):
            raise missing(path)
        return _json_of(answer)

    def _request(self, method: str, path: str, **how: Any) -> http.Response:
        seconds = self._patience.ask_seconds
        total = min(2 * seconds, max(self._seconds_left(), LAST_LOOK_SECONDS))
        policy = replace(self._policy, read_seconds=seconds, total_seconds=total, max_bytes=MAX_ANSWER_BYTES)
        url = f"{self.base_url}/{path}"
        how["switch"] = how.get("switch") or self._switch
        return self._connect(policy).request(method, url, headers=self._headers, **how)


def _options(kind: str, fields: Payload) -> tuple[str, ...]:
    options = fields.get("options")
    if kind != "select" or not isinstance(options, list):
        return ()
    return tuple(option for option in options if isinstance(option, str))


def _run_path(request: RunRequest) -> str:
    if request.app_type == "chat":
        return "chat-messages"
    if request.app_type == "completion":
        return "completion-messages"
    if request.workflow_id:
        return f"workflows/{quote(request.workflow_id, safe='')}/run"
    return "workflows/run"


def _run_body(request: RunRequest) -> dict[str, Any]:
    body: dict[str, Any] = {
        "inputs": dict(request.inputs),
        "user": request.user,
        "response_mode": request.response_mode,
    }
    if request.app_type == "chat":
        body["query"] = request.query
        body["conversation_id"] = request.conversation_id
    return body


def _read_run(stream: http.Stream, reader: RunReader) -> RunResult:
    content_type = stream.headers.get("Content-Type", "").lower()
    if stream.status == 200 and content_type.startswith("text/event-stream"):
        return reader.read(stream)
    answer = stream.read()
    try:
        return reader.read_blocking(_json_of(answer))
    except UnansweredError as error:
        raise OutcomeUnknownError(str(error)) from error


def _json_of(answer: http.Response) -> Payload:
    if 200 <= answer.status < 300:
        body = parse(answer.content)
        if body is not None:
            return body
        if "html" in answer.headers.get("Content-Type", "").lower():
            raise WrongBaseUrlError(WRONG_BASE_URL)
        raise UnansweredError("the answer is not a JSON object")
    raise refusal(answer)


def _is_started_by(row: Payload, user: str) -> bool:
    """Return whether the user started this run. Servers that do not know the filter send the rows of all users."""
    return text(mapping(row, "created_by_end_user"), "session_id") == user


def _logged_run(row: Payload) -> LoggedRun:
    run = mapping(row, "workflow_run")
    return LoggedRun(text(run, "id"), text(run, "status"), instant(run, "created_at"))


@contextmanager
def _translated(unknown: type[OutcomeUnknownError] | type[UnansweredError]) -> Iterator[None]:
    """Raise HTTP errors as Dify errors. An error after the request was sent becomes `unknown`."""
    try:
        yield
    except http.AddressRefusedError as error:
        raise AddressNotAllowedError(str(error)) from error
    except http.ConnectFailedError as error:
        raise UnreachableError(str(error)) from error
    except http.NotSentError as error:
        raise MisconfiguredError(str(error)) from error
    except http.CanceledError as error:
        raise CanceledError("canceled") from error
    except http.DeadlineExceededError as error:
        if unknown is OutcomeUnknownError:
            raise TimedOutError("the task's time limit is over") from error
        raise unknown(str(error)) from error
    except http.HttpError as error:
        raise unknown(str(error)) from error
