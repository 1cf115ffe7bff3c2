"""A careless service: its answers repeat all that it was sent, secrets included."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from urllib.parse import unquote

from testing.servers.threaded import Threaded


class Echo(Threaded):
    """`requests` holds each request's path, headers and body as one text, in order of arrival."""

    def __init__(self, status: int = 200) -> None:
        self.requests: list[str] = []
        super().__init__(_handler(self.requests, status))
        self.url = f"http://127.0.0.1:{self.port}"


def _handler(requests: list[str], status: int) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            request_text = f"{unquote(self.path)}\n{self.headers}\n{body}"
            requests.append(request_text)
            reply = json.dumps(
                {
                    "code": "unauthorized",
                    "message": f"not with {request_text}",
                    "result": {"title": "Echo", "content": request_text},
                }
            ).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815  http.server looks them up by these names

        def log_message(self, *_: object) -> None:
            pass

    return Handler
