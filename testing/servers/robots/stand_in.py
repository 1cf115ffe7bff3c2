"""The HTTP server of the stand-in: its socket, routes and faults."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from email import message_from_bytes
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl, urlsplit

from .dingtalk import DingTalkRobot
from .faults import DropAfterBody, DropBeforeBody, Html, Ignore, Refuse, Stall, Status
from .feishu import FeishuRobot
from .service import Request, Service
from .wecom_app import WeComApp
from .wecom_bot import WeComRobot

AnyService = TypeVar("AnyService", bound=Service)

TOKEN = "0123456789abcdef0123456789abcdef"


class Robots:
    """Listens on a free loopback port while its `with` block runs."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self.clock = clock
        self.services: list[Service] = []
        self.files: dict[str, bytes] = {}
        self.closing = threading.Event()
        self._server = _Server(self)
        self.base = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Robots":
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def dingtalk(self, *, token: str = TOKEN, secret: str = "", keyword: str = "") -> DingTalkRobot:
        return self._add(DingTalkRobot(self.base, self.clock, token=token, secret=secret, keyword=keyword))

    def wecom(self, *, key: str = TOKEN) -> WeComRobot:
        return self._add(WeComRobot(self.base, self.clock, key=key))

    def wecom_app(self, **settings: Any) -> WeComApp:
        return self._add(WeComApp(self.base, self.clock, **settings))

    def feishu(
        self, *, token: str = TOKEN, secret: str = "", keyword: str = "", names_status: bool = False
    ) -> FeishuRobot:
        return self._add(
            FeishuRobot(
                self.base, self.clock, token=token, secret=secret, keyword=keyword, names_status=names_status
            )
        )

    def file(self, name: str, content: bytes) -> str:
        """Serve a file that a message can name, such as a picture, and return its URL."""
        self.files[f"/files/{name}"] = content
        return f"{self.base}/files/{name}"

    def _add(self, service: AnyService) -> AnyService:
        self.services.append(service)
        return service


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, robots: Robots) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.robots = robots

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore the error: a client that hangs up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _serve(self) -> None:
        robots = cast(_Server, self.server).robots
        address = urlsplit(self.path)
        if address.path.startswith("/files/"):
            content = robots.files.get(address.path)
            self._reply(404 if content is None else 200, "application/octet-stream", content or b"")
            return
        bare = Request(address.path, dict(parse_qsl(address.query)))
        service = next((s for s in robots.services if s.owns(bare)), None)
        if service is None:
            self._discard_body()
            self._reply_json(_unknown(address.path))
            return
        with service.lock:
            fault = service.faults.popleft() if service.faults else None
        if isinstance(fault, Ignore):
            robots.closing.wait()
        if isinstance(fault, Ignore | DropBeforeBody):
            self._hang_up()
            return
        request = self._with_body(bare)
        if isinstance(fault, Refuse | Status | Html):
            self._reply_fault(service, fault)
            return
        with service.lock:
            reply = service.answer(request)
        if isinstance(fault, Stall):
            robots.closing.wait()
        if isinstance(fault, Stall | DropAfterBody):
            self._hang_up()
        else:
            self._reply_json(reply)

    def _with_body(self, bare: Request) -> Request:
        raw = self._discard_body()
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/form-data"):
            return Request(bare.path, bare.query, files=_files(kind, raw))
        try:
            return Request(bare.path, bare.query, body=json.loads(raw) if raw else None)
        except ValueError:
            return bare

    def _discard_body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _reply_fault(self, service: Service, fault: Refuse | Status | Html) -> None:
        match fault:
            case Refuse(code, text):
                self._reply_json(service.refusal(code, text))
            case Status(status):
                self._reply(status, "text/plain", b"")
            case _:
                self._reply(200, "text/html", b"<html><body>Bad Gateway</body></html>")

    def _reply_json(self, body: dict[str, Any]) -> None:
        self._reply(200, "application/json", json.dumps(body, ensure_ascii=False).encode())

    def _reply(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _hang_up(self) -> None:
        """Close the connection with a reset: the client must not take an orderly end for an empty answer."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


def _files(kind: str, raw: bytes) -> dict[str, tuple[str, bytes]]:
    form = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + raw, policy=HTTP)
    return {
        str(part.get_param("name", header="content-disposition")): (
            part.get_filename() or "",
            cast(bytes, part.get_payload(decode=True)),
        )
        for part in form.iter_parts()
    }


def _unknown(path: str) -> dict[str, Any]:
    """Return what each service answers to a token that it does not know."""
    if path == "/robot/send":
        return {"errcode": 300005, "errmsg": "token is not exist"}
    if path.startswith("/open-apis/"):
        return {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}}
    return {"errcode": 93000, "errmsg": "invalid webhook url"}
