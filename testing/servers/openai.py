"""A strict stand-in for an OpenAI-compatible endpoint: it refuses what real ones refuse, in their words."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler
from typing import Any

from testing.servers.threaded import Threaded

KEY = "sk-test-0123456789abcdef"
FIELDS = {"model", "messages", "stream", "temperature", "max_tokens"}


class OpenAi(Threaded):
    """`requests` holds the bodies that were accepted. `then`, if set, is the (status, body) of every later answer.

    A question that is exactly "hang" gets no answer while the `with` block runs.
    """

    def __init__(self, *models: str) -> None:
        self.models = models or ("deepseek-chat",)
        self.requests: list[dict[str, Any]] = []
        self.then: tuple[int, Any] | None = None
        self.hanging, self.closing = threading.Event(), threading.Event()
        super().__init__(_handler(self))
        self.base_url = f"http://127.0.0.1:{self.port}/v1"

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        super().__exit__()

    def answer(self, path: str, authorization: str, content_type: str, body: bytes) -> tuple[int, Any]:
        if path != "/v1/chat/completions":
            return 404, {"error": {"message": f"Invalid URL (POST {path})", "type": "invalid_request_error"}}
        if authorization != f"Bearer {KEY}":
            return 401, _error(f"Incorrect API key provided: {authorization[7:]}.", "invalid_api_key")
        if content_type != "application/json":
            return 400, _error("Content-Type must be application/json", None)
        return self.then or self._completion(json.loads(body))

    def _completion(self, request: dict[str, Any]) -> tuple[int, Any]:
        if problem := self._problem(request):
            return problem
        self.requests.append(request)
        question = request["messages"][-1]["content"]
        if question == "hang":
            self.hanging.set()
            self.closing.wait()
        return 200, {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1700000000,
            "model": request["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": f"You said: {question}"},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 5, "completion_tokens": 7, "total_tokens": 12},
        }

    def _problem(self, request: dict[str, Any]) -> tuple[int, Any] | None:
        if unknown := set(request) - FIELDS:
            return 400, _error(f"Unrecognized request argument supplied: {min(unknown)}", None)
        if request.get("model") not in self.models:
            return 404, _error(f"The model `{request.get('model')}` does not exist", "model_not_found")
        roles = [message["role"] for message in request["messages"]]
        if roles not in (["user"], ["system", "user"]):
            return 400, _error(f"Invalid roles: {roles}", None)
        if not all(isinstance(message["content"], str) for message in request["messages"]):
            return 400, _error("Invalid type for 'messages.content'", "invalid_type")
        return None


def _error(message: str, code: str | None) -> dict[str, Any]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": None, "code": code}}


def _handler(server: OpenAi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            authorization, kind = self.headers.get("Authorization", ""), self.headers.get("Content-Type", "")
            status, content = server.answer(self.path, authorization, kind, body)
            data = content if isinstance(content, bytes) else json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    return Handler
