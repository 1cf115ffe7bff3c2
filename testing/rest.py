"""The REST API of a running platform, over HTTP."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from testing.patience import eventually


class Rest:
    """`base` is the platform's address without a path, `token` the API token of a superuser."""

    base: str
    token: str
    _open = staticmethod(build_opener(ProxyHandler({})).open)

    def call(self, method: str, path: str, body: Any = None, *, expected: int = 200) -> Any:
        """Return the decoded answer, None if it is empty. Raises AssertionError if the status is not `expected`."""
        status, content = self.ask(method, path, body)
        assert status == expected, f"{method} {path}: {status} {content.decode()}"
        return json.loads(content) if content else None

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        """Return the status and the content of any answer, errors included."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = Request(self.base + path, data=data, headers=headers, method=method)
        try:
            with self._open(request, timeout=300) as answer:
                return answer.status, answer.read()
        except HTTPError as error:
            return error.code, error.read()

    def runs(self, task_id: int) -> list[dict[str, Any]]:
        """Return the task's latest runs, 100 at most, oldest first."""
        found = self.call("GET", f"/api/scheduled-tasks/{task_id}/logs?page_size=100")["items"]
        return sorted(found, key=lambda run: int(run["id"]))

    def ended(self, task_id: int, count: int = 1) -> list[dict[str, Any]]:
        """Wait until `count` runs of the task have ended, and return all that have, oldest first."""

        def enough() -> list[dict[str, Any]]:
            return done if len(done := [r for r in self.runs(task_id) if r["finished_at"]]) >= count else []

        return eventually(enough)
