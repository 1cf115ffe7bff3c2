"""What the four services have in common: who may send, how often, and what was shown."""

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .faults import Fault


@dataclass(frozen=True)
class Request:
    """`query` is URL-decoded once; `files` are the parts of a form, by name: (file name, content)."""

    path: str
    query: Mapping[str, str]
    body: Any = None
    files: Mapping[str, tuple[str, bytes]] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """One request that was read whole, by the stand-in's clock, and what was answered."""

    at: float
    body: Any
    reply: Mapping[str, Any]


class Service(ABC):
    """`received` is every message that came in, `shown` those that the group saw, in order."""

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self.url = url
        self.clock = clock
        self.faults: deque[Fault] = deque()
        self.received: list[Received] = []
        self.shown: list[Any] = []
        self.lock = threading.Lock()

    @abstractmethod
    def owns(self, request: Request) -> bool:
        """Is the request for this robot or application?"""

    @abstractmethod
    def answer(self, request: Request) -> dict[str, Any]:
        """Checks, records and shows. Called under the lock."""

    @abstractmethod
    def refusal(self, code: int | str, text: str) -> dict[str, Any]: ...


class Window:
    """At most `most` in any `seconds`."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most = most
        self.seconds = seconds
        self.times: deque[float] = deque()

    def admits(self, now: float) -> bool:
        """Counts the request, admitted or not."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        self.times.append(now)
        return len(self.times) <= self.most
