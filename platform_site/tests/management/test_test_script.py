"""`manage.py test_script`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from redis import Redis

from scheduling.models import Run
from scheduling.tests import make
from scheduling.worker import trial
from tenants.models import AuditEntry
from testing.patience import eventually

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def script(tmp_path: Path) -> Path:
    return tmp_path / "script.py"


@contextmanager
def a_worker(redis: Redis) -> Iterator[None]:
    """Takes the one test that is asked for."""

    def work() -> None:
        key = eventually(lambda: next((key for key in redis.scan_iter("platform:trial:*:alive")), None))
        trial.attempt(str(key).split(":")[2])
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def output_of(*arguments: str) -> str:
    out = StringIO()
    call_command("test_script", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_it_shows_the_lines_and_what_would_be_sent(script: Path, redis: Redis) -> None:
    make.tenant()
    script.write_text("print('n is', get_param('n'))\nresult = 'all well'")
    with a_worker(redis):
        text = output_of(str(script), "--tenant", "acme", "--params", '{"n": 3}')
    assert "stdout n is 3" in text
    assert 'Not sent (result): "all well"' in text
    assert "success after" in text
    assert not Run.objects.exists()
    assert AuditEntry.objects.get(action="test_script").username == "system"


def test_a_failing_script_is_the_commands_failure(script: Path, redis: Redis) -> None:
    script.write_text("1 / 0")
    out = StringIO()
    with a_worker(redis), pytest.raises(SystemExit) as ended:
        call_command("test_script", str(script), "--json", stdout=out)
    assert ended.value.code == 1
    answer = json.loads(out.getvalue())
    assert (answer["status"], answer["error_code"]) == ("failed", "script_error")


@pytest.mark.parametrize(
    ("source", "options", "why"),
    [
        (None, [], "can't be read"),
        ("result = 1", ["--tenant", "nobody"], "does not exist"),
        ("result = 1", ["--params", "[]"], "must be a JSON object"),
        ("# /// script\n# dependencies = ['-e .']\n# ///\n", [], "-e ."),
    ],
)
def test_what_can_not_be_run_is_refused(
    script: Path, source: str | None, options: list[str], why: str
) -> None:
    if source is not None:
        script.write_text(source)
    with pytest.raises(CommandError, match=why):
        output_of(str(script), *options)
