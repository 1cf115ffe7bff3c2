"""The site's server. What it knows of its callers lasts as long as its with block."""

from __future__ import annotations

import gzip
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

from testing.servers.site import members, orders, pages
from testing.servers.site.message import Reply, Request, first_values, in_json
from testing.servers.site.state import State
from testing.servers.threaded import Threaded

_ROUTES = {**members.ROUTES, **orders.ROUTES, **pages.ROUTES}


class Site(Threaded):
    """Use it in a with block, inside which it answers at `url`."""

    def __init__(self) -> None:
        self.state = State()
        super().__init__(_handler(self.state))
        self.url = f"http://127.0.0.1:{self.port}"


def _handler(state: State) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one piece

        def _answer(self) -> None:
            split = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(self.command, split.path, first_values(split.query), headers, body)
            with state.lock:
                state.visits[split.path] += 1
                reply = _reply(state, request)
            self._send(_packed(reply, headers.get("accept-encoding", "")))

        def _send(self, reply: Reply) -> None:
            self.send_response(reply.status)
            self.send_header("Content-Type", reply.content_type)
            self.send_header("Content-Length", str(len(reply.body)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  http.server looks them up

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _reply(state: State, request: Request) -> Reply:
    for path, answer in _ROUTES.items():
        if request.path == path or (path.endswith("/") and request.path.startswith(path)):
            return answer(state, request)
    return in_json({"code": 404, "msg": "没有这个页面"}, 404)


def _packed(reply: Reply, accepted: str) -> Reply:
    """Return the reply with its body compressed where the caller takes that, as most sites do with text."""
    if "gzip" not in accepted or not reply.content_type.startswith(("text/", "application/json")):
        return reply
    headers = {**reply.headers, "Content-Encoding": "gzip"}
    return Reply(gzip.compress(reply.body), reply.content_type, reply.status, headers)
