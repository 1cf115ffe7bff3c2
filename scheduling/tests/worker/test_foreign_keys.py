"""ENCRYPTION_KEYS that did not write what is stored: said in words, by runs and by commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from common.crypto import new_key
from common.fields import keyring
from scheduling.beat import fire, reconcile
from scheduling.models import SECRET_COLUMNS, Run, RunStatus, ScheduledTask
from scheduling.tests import make
from scheduling.worker.attempt import attempt
from tenants.models import Secret

pytestmark = pytest.mark.django_db(transaction=True)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def lose_keys(settings: Any) -> Iterator[Any]:
    def lose() -> None:
        settings.ENCRYPTION_KEYS = [new_key()]
        keyring.cache_clear()

    yield lose
    keyring.cache_clear()


@pytest.mark.parametrize("stored", ["the task's", "a secret's"])
def test_a_run_ends_with_config_error_in_words(stored: str, lose_keys: Any) -> None:
    columns = {"webhook_secret": "s3cret"} if stored == "the task's" else {}
    run = make.run(make.task(make.NOW, **columns))
    if stored == "a secret's":
        Secret.objects.create(secret_key="K", value="some value", is_shared=True)
    lose_keys()
    attempt(run.trace_id)
    run.refresh_from_db()
    assert (run.status, run.error_code) == (RunStatus.FAILED, "config_error")
    assert "keys" in run.error


def test_a_secret_that_can_not_be_read_ends_the_run_as_a_runs_end_does(lose_keys: Any) -> None:
    """Its window is held, and comes again with the next due time, not at once."""
    now = timezone.now()
    task = make.windows_task(now, last_end_time=now - timedelta(minutes=20))
    Secret.objects.create(secret_key="K", value="some value", is_shared=True)
    fire.fire(now)
    lose_keys()
    attempt(Run.objects.get(task=task).trace_id)
    stored = ScheduledTask.objects.defer(*SECRET_COLUMNS).get(pk=task.pk)
    assert stored.last_run_status == "failed"
    assert stored.next_run_at is not None
    assert stored.next_run_at > now


def test_a_task_that_can_not_be_read_keeps_no_other_from_its_due_times(lose_keys: Any) -> None:
    tasks = [make.task(make.NOW, webhook_secret=secret) for secret in ("s3cret", "")]
    make.windows_task(make.NOW, webhook_secret="s3cret", last_end_time=make.NOW)
    ScheduledTask.objects.filter(use_windows=True).update(next_run_at=None)
    lose_keys()
    fire.fire(make.NOW + make.MINUTE)
    reconcile.free_stranded_windows(make.NOW)
    assert set(Run.objects.values_list("task_id", flat=True)) >= {task.pk for task in tasks}


def test_a_command_says_it_in_one_line() -> None:
    program = "import manage\nfrom common.crypto import Keyring, new_key\n" + (
        "from django.core import management\n"
        "one, other = Keyring([new_key()]), Keyring([new_key()])\n"
        "management.execute_from_command_line = lambda argv: other.decrypt(one.encrypt('x'))\n"
        "manage.main()\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ.copy(), capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert "ENCRYPTION_KEYS" in ended.stderr
    assert ended.stderr.count("\n") == 1
