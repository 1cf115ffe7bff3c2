"""The receiving ends of a storm: each writes into the ledger what reaches it, before it answers."""

from __future__ import annotations

import threading
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

from testing.servers.robots import Robots, Service
from testing.servers.webhook import Call, Webhook
from tests.faults.dify import Dify
from tests.faults.ledger import Ledger
from tests.faults.rules import KEY, STAMP

SLOWEST_SECONDS = 1.5  # so that there is always something under way that can be killed
DUE = "{due_at}"  # a place in a key, which Dify's inputs fill by themselves


class Outside:
    """Use it in a with block. What has a key in `held` gets no answer before `let_go`."""

    def __init__(self, ledger_file: Path, random: Random) -> None:
        self.ledger, self.random = Ledger(ledger_file), random
        self.slowest_seconds = SLOWEST_SECONDS
        self.held: set[str] = set()
        self.let_go = threading.Event()
        self.hook = Webhook(self._hooked, "/hook")
        self.site = Webhook(self._visited, "/site")
        self.dify = Dify(lambda inputs: self.ledger.write("dify", inputs["key"]), self._pause)
        self.robots = Robots()

    def __enter__(self) -> Outside:
        with ExitStack() as stack:
            stack.callback(self.ledger.close)
            for server in (self.hook, self.site, self.dify, self.robots):
                stack.enter_context(server)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def robot(self, kind: str, number: int) -> Service:
        token = f"{number:032d}"
        return self.robots.dingtalk(token=token) if kind == "dingtalk" else self.robots.wecom(key=token)

    def shown(self) -> Counter[str]:
        """How often each message stands in its group."""
        seen = [text for robot in self.robots.services for text in robot.shown]
        return Counter(key for text in seen for key in set(KEY.findall(str(text))))

    def _pause(self) -> float:
        return self.random.uniform(0, self.slowest_seconds)

    def _hooked(self, call: Call) -> tuple[int, Any]:
        body = call.json()
        key = body["params"]["key"]
        if body["due_at"]:
            key = key.replace(DUE, f"{datetime.fromisoformat(body['due_at']).astimezone(UTC):{STAMP}}")
        return self._received("webhook", key)

    def _visited(self, call: Call) -> tuple[int, Any]:
        return self._received("script", call.json()["key"])

    def _received(self, end: str, key: str) -> tuple[int, Any]:
        self.ledger.write(end, key)
        if key in self.held:
            self.let_go.wait()
        time.sleep(self._pause())
        return 200, {"result": f"**{key}**"}
