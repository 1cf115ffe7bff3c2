"""A webhook's receiver: it records the calls and gives the answers that the test has set."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from typing import Any

from testing.servers.threaded import Threaded


@dataclass(frozen=True)
class Call:
    """One call. The names in `headers` are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


Answer = tuple[int, Any]
"""Status and body; bytes are sent as they are, anything else as JSON."""


class Webhook(Threaded):
    """`answer` is given to every call, or makes it from the call, in the thread of that call; `headers` go with it."""

    def __init__(
        self, answer: Answer | Callable[[Call], Answer] = (200, {"ok": True}), path: str = "/hook"
    ) -> None:
        self.calls: list[Call] = []
        self.answer = answer
        self.headers = {"Content-Type": "application/json"}
        super().__init__(_handler(self))
        self.url = f"http://127.0.0.1:{self.port}{path}"


def _handler(webhook: Webhook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            call = Call(self.command, self.path, headers, body)
            webhook.calls.append(call)
            answer = webhook.answer
            status, content = answer(call) if callable(answer) else answer
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            for header in webhook.headers.items():
                self.send_header(*header)
            self.send_header("Content-Length", str(len(data)))
            with suppress(ConnectionError):  # a caller that was killed
                self.end_headers()
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815  http.server looks them up by these names

        def log_message(self, *_: object) -> None:
            pass

    return Handler
