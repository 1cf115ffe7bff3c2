"""The grant `http_request`: one exchange by the guarded client, of at most 5 MiB. The guest follows redirects."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from common.http import CancelSwitch, Client, Policy, Response

SECONDS = 30.0
MAX_BYTES = 5 << 20


class Http:
    """`policy` makes a policy that lasts at most so many seconds; `switch` ends a request under way."""

    def __init__(self, policy: Callable[[float], Policy], switch: CancelSwitch) -> None:
        self.policy, self.switch = policy, switch

    def http_request(
        self, method: str, url: str, headers: Any, params: Any, data: Any, json: Any, timeout: Any
    ) -> dict[str, Any]:
        client = Client(self._policy_within(timeout))
        started = time.monotonic()
        with client.stream(
            str(method),
            str(url),
            headers=headers,
            params=None if params is None else str(params),
            data=data if data is None or isinstance(data, bytes) else str(data),
            json=json,
            switch=self.switch,
        ) as stream:
            seconds = time.monotonic() - started
            return _as_json(stream.read(), seconds)

    def _policy_within(self, timeout: Any) -> Policy:
        """Return a policy that waits as long as the script says, within the run's time. Raises ValueError."""
        connect, read = _waits(timeout)
        policy = self.policy(max(SECONDS, connect or 0, read or 0))
        return replace(
            policy,
            connect_seconds=connect or policy.connect_seconds,
            read_seconds=min(read or SECONDS, policy.read_seconds),
            max_bytes=MAX_BYTES,
            max_redirects=0,
        )


def _waits(timeout: Any) -> list[float | None]:
    """Return the longest waits to connect and for a byte, of one number or a pair; None leaves one as it is."""
    waits = timeout if isinstance(timeout, list) else [timeout, timeout]
    if len(waits) == 2 and all(wait is None or _is_wait(wait) for wait in waits):
        return waits
    raise ValueError("timeout must be a number of seconds above 0, or (connect, read)")


def _is_wait(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < math.inf


def _as_json(answer: Response, seconds: float) -> dict[str, Any]:
    return {
        "status_code": answer.status,
        "reason": answer.reason,
        "headers": dict(answer.headers.itermerged()),
        "set_cookie": answer.headers.getlist("Set-Cookie"),
        "content": answer.content,
        "url": answer.url,
        "seconds": seconds,
    }
