"""The platform's database restarts while a script runs: what the script asks of it waits, and is answered."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from scheduling.grants.vars import Vars
from scheduling.models import Run
from scheduling.tests import make
from scheduling.worker.attempt import attempt

pytestmark = pytest.mark.django_db(transaction=True)
AWAY = OperationalError(2002, "Can't connect to server on 'db' (111)")


def ran(monkeypatch: pytest.MonkeyPatch, *errors: OperationalError) -> Run:
    """A script that asks for a variable; the first times it meets these errors, then its value."""
    left, real = list(errors), Vars.get_var

    def get_var(*args: Any, **kwargs: Any) -> Any:
        if left:
            raise left.pop(0)
        return real(*args, **kwargs)

    monkeypatch.setattr(Vars, "get_var", get_var)
    now = timezone.now()
    run = make.run(make.task(now, script_content="result = get_var('page', 7)"), now)
    attempt(run.trace_id)
    run.refresh_from_db()
    return run


def test_a_script_is_answered_when_the_database_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    run = ran(monkeypatch, AWAY, AWAY)
    assert (run.status, run.result, run.attempt) == ("success", 7, 1)


def test_what_would_never_go_well_is_the_scripts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    run = ran(monkeypatch, OperationalError(1054, "Unknown column"))
    assert (run.status, run.error_code) == ("failed", "script_error")


def test_a_run_that_is_canceled_waits_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scheduling.worker.run_context.LiveContext.canceled", lambda _: True)
    assert ran(monkeypatch, *[AWAY] * 1000).status == "canceled"
