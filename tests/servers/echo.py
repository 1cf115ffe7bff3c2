"""A service that says back all that it was told, secrets included: what a careless one does."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote


class Echo:
    """`heard`: every request's path, headers and body as one text, in order of their coming."""

    def __init__(self, status: int = 200) -> None:
        self.heard: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.heard, status))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Echo:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


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
