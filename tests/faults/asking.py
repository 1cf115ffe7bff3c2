"""Somebody who asks the REST API for runs all the time. What it promises with a 202 must happen."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from itertools import count, cycle
from urllib.request import ProxyHandler, Request, build_opener

PAUSE_SECONDS = 1.0
PATIENCE_SECONDS = 5.0


class Asking:
    """Use it in a with block. `promised`: the position in `tasks` by key; `unsure`: asked, and no answer came."""

    def __init__(self, port: int, token: str, tasks: Sequence[int]) -> None:
        self.base, self.token, self.tasks = f"http://127.0.0.1:{port}/api", token, tasks
        self.promised: dict[str, int] = {}
        self.unsure: set[str] = set()
        self._open = build_opener(ProxyHandler({})).open
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ask_on, name="asking")

    def __enter__(self) -> Asking:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _ask_on(self) -> None:
        turns = cycle(range(len(self.tasks)))
        for number in count():
            if self._ended.wait(PAUSE_SECONDS):
                return
            self._ask(f"asked-{number}", next(turns))

    def _ask(self, key: str, turn: int) -> None:
        self.unsure.add(key)
        request = Request(
            f"{self.base}/scheduled-tasks/{self.tasks[turn]}/run",
            data=json.dumps({"params": {"key": key}}).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with self._open(request, timeout=PATIENCE_SECONDS) as answer:
                if answer.status == 202:
                    self.unsure.discard(key)
                    self.promised[key] = turn
        except OSError:
            return
