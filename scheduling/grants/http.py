"""http_get, http_post: through the guarded client, 30 seconds and 5 MiB."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from common.http import CancelSwitch, Client, Network, Policy, Response

SECONDS = 30
MOST_BYTES = 5 << 20


class Http:
    def __init__(self, networks: tuple[Network, ...], switch: CancelSwitch, proxy_url: str = "") -> None:
        policy = Policy(
            allowed_networks=networks,
            read_seconds=SECONDS,
            total_seconds=SECONDS,
            max_bytes=MOST_BYTES,
            proxy_url=proxy_url,
            proxy_is_trusted=True,
        )
        self.client, self.switch = Client(policy), switch

    def http_get(self, url: str, headers: Any, params: Any) -> dict[str, Any]:
        return _as_json(self.client.request("GET", url, headers=headers, params=params, switch=self.switch))

    def http_post(self, url: str, data: Any, json: Any, headers: Any) -> dict[str, Any]:
        body = data if isinstance(data, Mapping | str | bytes) or data is None else str(data)
        answer = self.client.request("POST", url, headers=headers, data=body, json=json, switch=self.switch)
        return _as_json(answer)


def _as_json(answer: Response) -> dict[str, Any]:
    return {
        "status_code": answer.status,
        "headers": dict(answer.headers.items()),
        "content": answer.content,
        "url": answer.url,
    }
