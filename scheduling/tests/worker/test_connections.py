"""Whoever waits for Dify holds no database connection: 300 streams must not need 300 of them."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection

from common.framework import db_connections
from scheduling.execution import Outcome, RunContext, success
from scheduling.models import Run
from scheduling.tests.worker.dify_task import dify_task, run_of
from scheduling.worker import attempt as attempts
from testing.servers.dify_replay import DifyReplay

pytestmark = pytest.mark.django_db(transaction=True)
ACTS = ["the start", "calling", "keep", "claimed_elsewhere", "the end"]


class Waiting:
    """Does what an executor does with its context, and looks after each act whether a connection is open."""

    def __init__(self) -> None:
        self.open_after: dict[str, bool] = {}

    def execute(self, context: RunContext) -> Outcome:
        self.look("the start")
        context.line("a line")
        context.calling()
        self.look("calling")
        context.keep("run", "task")
        self.look("keep")
        context.claimed_elsewhere(["run"])
        self.look("claimed_elsewhere")
        return success()

    def look(self, after: str) -> None:
        self.open_after[after] = connection.connection is not None


def test_neither_the_start_nor_an_act_of_the_context_leaves_one_open(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = Waiting()
    monkeypatch.setattr(attempts, "executor_of", lambda *_: waiting)
    with DifyReplay() as dify:
        run = run_of(dify_task(dify))

    def work() -> None:
        attempts.attempt(run.trace_id)
        waiting.look("the end")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert Run.objects.get(pk=run.pk).status == "success"
    assert waiting.open_after == dict.fromkeys(ACTS, False)


def test_a_crowd_takes_turns_and_all_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than the turns there are: they open no more connections than these."""
    lent = db_connections.ConnectionPool(2)
    monkeypatch.setattr(db_connections, "_pool", lent)
    monkeypatch.setattr(attempts, "executor_of", lambda *_: Waiting())
    with DifyReplay() as dify:
        task = dify_task(dify, overlap_policy="allow")
    runs = [run_of(task) for _ in range(8)]
    threads = [threading.Thread(target=attempts.attempt, args=(run.trace_id,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(Run.objects.values_list("status", flat=True)) == {"success"}
    assert 1 <= len(lent.idle) <= 2
    lent.close_idle(time.monotonic() + db_connections.IDLE_SECONDS)
