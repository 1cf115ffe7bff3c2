"""A site that shows what it was sent, and can set cookies and redirect."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from testing.servers.threaded import Threaded

SHOWN = ("authorization", "content-type", "cookie", "x-base", "x-key")


class Mirror(Threaded):
    """In the query, `cookie` (any number) is set, and `status` with `to` redirects; the answer is then the same."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        super().__init__(_Handler, host)
        self.url = f"http://{host}:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = parse_qsl(urlsplit(self.path).query, keep_blank_values=True)
        given = dict(asked)
        shown = json.dumps(self._seen(body)).encode()
        self.send_response(int(given.get("status", 200)), given.get("reason"))
        for name, value in asked:
            if name == "cookie":
                self.send_header("Set-Cookie", value)
        if "to" in given:
            self.send_header("Location", given["to"])
        self.send_header("Content-Type", given.get("type", "application/json"))
        self.send_header("Content-Length", str(len(shown)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(shown)

    def _seen(self, body: bytes) -> dict[str, Any]:
        headers = {name: self.headers[name] for name in SHOWN if name in self.headers}
        is_json = headers.get("content-type") == "application/json"
        sent = json.loads(body) if is_json and body else body.decode("latin-1")
        return {"method": self.command, "path": self.path, "headers": headers, "body": sent}

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = _answer  # noqa: N815  http.server's names

    def log_message(self, *_: object) -> None:
        pass
