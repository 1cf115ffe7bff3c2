"""A client of the replayed Dify, and what it was told."""

from ipaddress import ip_network
from typing import TypeVar

from common.http import CancelSwitch, Policy
from scheduling.kinds.dify.client import DifyClient, Patience, RunRequest, RunResult
from scheduling.kinds.dify.client.events import Event, IdsSeen
from testing.servers.dify_replay import Answer, DifyReplay

LOCAL = Policy(allowed_networks=(ip_network("127.0.0.1/32"),))
KEY = "app-0123456789abcdefghij"
T = TypeVar("T")
QUICK = Patience(first_event_seconds=0.3, idle_seconds=0.2, closing_seconds=0.1)


def client_of(server: DifyReplay, patience: Patience = Patience()) -> DifyClient:  # noqa: B008
    return DifyClient(server.url, KEY, LOCAL, patience=patience)


class Told:
    """Collects a run's events."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def run_id(self) -> str:
        return next((e.ids.run_id for e in reversed(self.events) if isinstance(e, IdsSeen)), "")

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]


def run_against(
    answer: Answer,
    request: RunRequest | None = None,
    *,
    told: Told | None = None,
    patience: Patience = Patience(),  # noqa: B008
    timeout_seconds: float = 60,
    switch: CancelSwitch | None = None,
) -> RunResult:
    with DifyReplay(answer) as server:
        return client_of(server, patience).run(
            request or RunRequest(user="sched-1"), told or Told(), timeout_seconds, switch
        )
