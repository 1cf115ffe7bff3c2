"""A careless service: its answers repeat all that it was sent, secrets included."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote

from testing.servers.threaded import Threaded


class Echo(Threaded):
    """`heard` holds each request's path, headers and body as one text, in order of arrival."""

    def __init__(self, status: int = 200) -> None:
        self.heard: list[str] = []
        super().__init__(_handler(self.heard, status))
        self.url = f"http://127.0.0.1:{self.port}"


def _handler(heard: list[str], status: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            told = f"{unquote(self.path)}\n{self.headers}\n{body}"
            heard.append(told)
            said = json.dumps(
                {
                    "code": "unauthorized",
                    "message": f"not with {told}",
                    "result": {"title": "Echo", "content": told},
                }
            ).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815  http.server looks them up by these names

        def log_message(self, *_: object) -> None:
            pass

    return Handler
