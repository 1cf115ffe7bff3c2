"""The whole platform as `make up` starts it, ready, and its REST API."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from tests.patience import eventually
from tests.up.instance import Instance


class Platform(Instance):
    """Use it in a with block: it is ready inside. `environ` is set on top of ours."""

    def __init__(self, data_dir: Path, **environ: str) -> None:
        super().__init__(data_dir, {"OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8", **environ})
        self.base = f"http://127.0.0.1:{self.port}"
        self._open = build_opener(ProxyHandler({})).open

    def __enter__(self) -> Platform:
        super().__enter__()
        try:
            self.until_ready()
        except BaseException:
            self.__exit__()
            raise
        return self

    @property
    def token(self) -> str:
        return self.file("api-token")

    def call(self, method: str, path: str, body: Any = None, *, expected: int = 200) -> Any:
        """The decoded answer; fails where the status is another."""
        status, content = self.ask(method, path, body)
        assert status == expected, f"{method} {path}: {status} {content.decode()}"
        return json.loads(content) if content else None

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Return status and content, whatever they are."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.base + path, data=data, headers=headers, method=method)
        try:
            with self._open(request, timeout=300) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()

    def runs(self, task_id: int) -> list[dict[str, Any]]:
        """Oldest first."""
        found = self.call("GET", f"/api/scheduled-tasks/{task_id}/logs?page_size=100")["items"]
        return sorted(found, key=lambda run: int(run["id"]))

    def ended(self, task_id: int, count: int = 1) -> list[dict[str, Any]]:
        """Waits until `count` runs of the task have ended."""

        def enough() -> list[dict[str, Any]]:
            return done if len(done := [r for r in self.runs(task_id) if r["finished_at"]]) >= count else []

        return eventually(enough)
