"""Slots of a notify worker: threads and a held-up destination as they are, no clock."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from notifications.shares import SlotShares
from testing.patience import eventually


class Slow:
    """Robots that answer when they are let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.let_go = threading.Event()

    def __call__(self, robot: str) -> None:
        self.begun.append(robot)
        self.let_go.wait()
        self.ended.append(robot)


@contextmanager
def written_to(shares: SlotShares, tenant: str, robots: int, act: Slow) -> Iterator[None]:
    """A thread for each, as the worker has them; inside, none of them moves any more."""
    names = [f"{tenant}-{n}" for n in range(robots)]
    threads = [threading.Thread(target=shares.work, args=(tenant, name, act)) for name in names]
    for thread in threads:
        thread.start()
    eventually(lambda: sum(t.is_alive() for t in threads) == len(act.begun))
    try:
        yield
    finally:
        act.let_go.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize(("slots", "max_begun"), [(16, 8), (5, 3), (2, 1)])
def test_a_tenant_whose_destinations_are_all_dead_holds_half_of_the_slots(slots: int, max_begun: int) -> None:
    shares, dead = SlotShares(slots), Slow()
    with written_to(shares, "evil", 40, dead):
        assert len(dead.begun) == max_begun
    assert len(dead.ended) == 40


def test_others_are_written_to_meanwhile() -> None:
    shares, dead, mine = SlotShares(4), Slow(), Slow()
    mine.let_go.set()
    with written_to(shares, "evil", 40, dead):
        shares.work("acme", "ours", mine)
        assert mine.ended == ["ours"]
        assert dead.ended == []


def test_a_second_tenant_of_that_kind_leaves_some_to_a_third() -> None:
    shares, dead, too = SlotShares(16), Slow(), Slow()
    with written_to(shares, "evil", 20, dead), written_to(shares, "bad", 20, too):
        assert (len(dead.begun), len(too.begun)) == (8, 4)


def test_a_line_is_one_robot_once() -> None:
    shares, dead = SlotShares(2), Slow()
    with written_to(shares, "evil", 1, dead):
        for _ in range(3):
            shares.work("evil", "next", dead)
    assert dead.ended == ["evil-0", "next"]


def fail(robot: str) -> None:
    raise ZeroDivisionError


def test_what_fails_gives_its_slot_back_and_forgets_no_more_than_itself() -> None:
    shares, done = SlotShares(2), Slow()
    done.let_go.set()
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            shares.work("acme", "broken", fail)
    shares.work("acme", "whole", done)
    assert done.ended == ["whole"]
    assert not shares.held
    assert not shares.lines
