"""Runs, workers and housekeeping as an operator finds them in Flower."""

from __future__ import annotations

import json
import os
from typing import cast

import pytest
from django.utils import timezone
from redis import Redis

from notifications.tasks import sweep
from scheduling.acts import runs
from scheduling.tests import make
from scheduling.worker import run_keeper
from testing.actors import ANN


@pytest.mark.django_db(transaction=True)
def test_a_run_is_shown_by_its_number_and_its_tasks_name(redis: Redis) -> None:
    run = runs.run_now(make.task(task_name="日报"), ANN, timezone.now())
    [text] = cast("list[str]", redis.lrange("script", 0, -1))
    message = json.loads(text)
    assert message["headers"]["argsrepr"] == f"#{run.pk} 日报"


def test_a_runs_worker_has_the_name_that_flower_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    """With its process, which makes it the only one."""
    monkeypatch.setattr(run_keeper, "_node", "")
    monkeypatch.setattr(run_keeper, "_keepers", {})
    run_keeper.set_node_name("script@vm")
    assert run_keeper.keeper().worker == f"script@vm:{os.getpid()}"


def test_what_is_done_each_5_s_fills_no_list() -> None:
    assert sweep.send_events is False
