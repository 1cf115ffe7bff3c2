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
    """One request that was read whole, its time by the stand-in's clock, and the reply."""

    at: float
    body: Any
    reply: Mapping[str, Any]


class Service(ABC):
    """`received` holds all messages that came in, `shown` those that the group saw, in order."""

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        self.url = url
        self.clock = clock
        self.faults: deque[Fault] = deque()
        self.received: list[Received] = []
        self.shown: list[Any] = []
        self.lock = threading.Lock()

    @abstractmethod
    def owns(self, request: Request) -> bool:
        """Return whether the request is for this robot or application."""

    @abstractmethod
    def answer(self, request: Request) -> dict[str, Any]:
        """Check and record the message, show it if it is accepted, and return the reply. Called under the lock."""

    @abstractmethod
    def refusal(self, code: int | str, text: str) -> dict[str, Any]: ...


class Window:
    """Admits at most `max_messages` requests in any `seconds`."""

    def __init__(self, max_messages: int, seconds: float) -> None:
        self.max_messages = max_messages
        self.seconds = seconds
        self.times: deque[float] = deque()

    def admits(self, now: float) -> bool:
        """Count the request, whether admitted or not, and return whether it is."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        self.times.append(now)
        return len(self.times) <= self.max_messages
