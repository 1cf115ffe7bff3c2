"""The containers of a service: how they are, and what happens to one from outside."""

from __future__ import annotations

from dataclasses import dataclass

from testing.patience import eventually
from tests.deploy.engine.stack import Stack

FORMAT = "{{.RestartCount}} {{.State.Pid}} {{.State.Health.Status}}"


@dataclass(frozen=True)
class State:
    """`pid` is of its first process, as the engine's own root counts; 0 where there is none."""

    restarts: int
    pid: int
    health: str


def ids(stack: Stack, service: str) -> list[str]:
    """Of those that run."""
    return stack.compose("ps", "--quiet", service).split()


def state(stack: Stack, container: str) -> State:
    restarts, pid, health = stack.engine.run("docker", "inspect", f"--format={FORMAT}", container).split()
    return State(int(restarts), int(pid), health)


def until_back(stack: Stack, container: str, before: State) -> None:
    """Until the engine has started it again, and it is well."""

    def is_back() -> bool:
        now = state(stack, container)
        return now.restarts > before.restarts and now.pid != 0 and now.health == "healthy"

    eventually(is_back)


def crash(stack: Stack, container: str) -> None:
    """By the kernel's hand: what `docker kill` ends stays down."""
    before = state(stack, container)
    stack.engine.run("sh", "-c", f"kill -KILL {before.pid}")
    until_back(stack, container, before)
