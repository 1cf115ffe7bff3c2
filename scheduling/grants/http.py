"""The grants `http_get` and `http_post`: the guarded client, for at most 30 seconds and 5 MiB."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from common.http import CancelSwitch, Client, Policy, Response

SECONDS = 30
MAX_BYTES = 5 << 20
MAX_REDIRECTS = 5


class Http:
    """`policy` makes a policy that lasts at most so many seconds; `switch` ends a request under way."""

    def __init__(self, policy: Callable[[float], Policy], switch: CancelSwitch) -> None:
        self.policy, self.switch = policy, switch

    def http_get(self, url: str, headers: Any, params: Any) -> dict[str, Any]:
        return _as_json(
            self._client().request("GET", url, headers=headers, params=params, switch=self.switch)
        )

    def http_post(self, url: str, data: Any, json: Any, headers: Any) -> dict[str, Any]:
        body = data if isinstance(data, Mapping | str | bytes) or data is None else str(data)
        answer = self._client().request(
            "POST", url, headers=headers, data=body, json=json, switch=self.switch
        )
        return _as_json(answer)

    def _client(self) -> Client:
        return Client(replace(self.policy(SECONDS), max_bytes=MAX_BYTES, max_redirects=MAX_REDIRECTS))


def _as_json(answer: Response) -> dict[str, Any]:
    return {
        "status_code": answer.status,
        "headers": dict(answer.headers.items()),
        "content": answer.content,
        "url": answer.url,
    }
