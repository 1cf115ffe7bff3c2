"""A Dify whose workflows take a moment, go on when their caller dies, and can be looked up afterwards."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from testing.servers.threaded import Threaded


@dataclass(frozen=True)
class Workflow:
    """One run there; what it is follows from the clock alone. Times are Unix."""

    user: str
    inputs: dict[str, Any]
    seconds: float
    run_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    began: float = field(default_factory=time.time)

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.began + self.seconds - time.time())

    @property
    def detail(self) -> dict[str, Any]:
        done = not self.seconds_left
        details = {
            "id": self.run_id,
            "workflow_id": "w",
            "inputs": self.inputs,
            "created_at": int(self.began),
        }
        outputs = {"text": f"**{self.inputs['key']}**"} if done else {}
        return details | {"status": "succeeded" if done else "running", "outputs": outputs, "error": None}

    @property
    def log_row(self) -> dict[str, Any]:
        run = {"id": self.run_id, "status": self.detail["status"], "created_at": int(self.began)}
        return {"workflow_run": run, "created_by_end_user": {"session_id": self.user}}


class Dify(Threaded):
    """A context. `started` is told the inputs of each workflow that begins; `pause` says how many seconds it takes."""

    def __init__(self, started: Callable[[dict[str, Any]], None], pause: Callable[[], float]) -> None:
        self.started, self.pause = started, pause
        self.runs: dict[str, Workflow] = {}
        super().__init__(_handler(self))
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def begin(self, body: dict[str, Any]) -> Workflow:
        run = Workflow(body["user"], body["inputs"], self.pause())
        self.runs[run.run_id] = run
        self.started(run.inputs)
        return run

    def answer(self, path: str, query: dict[str, list[str]]) -> Any:
        """What it says to a question."""
        if path.endswith("/parameters"):
            return {"user_input_form": [{"text-input": {"variable": "key", "required": True}}]}
        if path.endswith("/logs"):
            [user] = query["created_by_end_user_session_id"]
            rows = [run.log_row for run in list(self.runs.values()) if run.user == user]
            return {"data": rows[: -int(query["limit"][0]) - 1 : -1]}
        return self.runs[path.rsplit("/", 1)[-1]].detail


def events(run: Workflow) -> Iterator[bytes]:
    """Server-sent: its start at once, its end when it has ended."""
    ids = {"task_id": f"t-{run.run_id}", "workflow_run_id": run.run_id}
    yield _frame(ids | {"event": "workflow_started", "data": {"id": run.run_id, "inputs": run.inputs}})
    time.sleep(run.seconds_left)
    yield _frame(ids | {"event": "workflow_finished", "data": run.detail})


def _frame(event: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def _handler(dify: Dify) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            self._say(dify.answer(address.path, parse_qs(address.query)))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self.path.endswith("/workflows/run"):
                self._say({"result": "success"})
                return
            run = dify.begin(body)
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            with suppress(ConnectionError):  # a caller that was killed
                self.end_headers()
                for frame in events(run):
                    self.wfile.write(frame)

        def _say(self, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            with suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
