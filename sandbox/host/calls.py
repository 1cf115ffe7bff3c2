"""Calls that wait for somebody outside, side by side: each on a thread of its own, so that none waits for another."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec

from sandbox.host.result import JSON

AT_ONCE = 16
P = ParamSpec("P")


@dataclass(frozen=True)
class Later:
    """What a grant returns to have the rest of its work done on a thread of its own, beside other calls.

    There the platform's database is out of reach: what a grant needs of it, it asks before it returns this.
    """

    work: Callable[[], JSON]


def later(function: Callable[P, JSON]) -> Callable[P, Later]:
    """Return the function as a grant that does all of its work on a thread of its own."""

    def begin(*args: P.args, **kwargs: P.kwargs) -> Later:
        return Later(partial(function, *args, **kwargs))

    return begin


class Calls:
    """The calls of one run that are attended to on threads; further ones wait for their turn. A context manager.

    `interrupt` makes every work under way return. Leaving the block calls it if any is, and waits until all have ended.
    """

    def __init__(self, interrupt: Callable[[], None]) -> None:
        self._interrupt = interrupt
        self._pool: ThreadPoolExecutor | None = None
        self._begun: set[Future[Any]] = set()

    def begin(self, work: Callable[[], None]) -> None:
        self._pool = self._pool or ThreadPoolExecutor(AT_ONCE, "sandbox-call")
        future = self._pool.submit(work)
        self._begun.add(future)
        future.add_done_callback(self._begun.discard)

    def __enter__(self) -> Calls:
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool is None:
            return
        self._pool.shutdown(wait=False, cancel_futures=True)
        if self._begun:
            self._interrupt()
        self._pool.shutdown()
