"""A run's clock rules everything that it waits for: it ends with its time limit, whatever call it is in.

Each call here would go on for half a minute or for ever, so the bound that is looked at has nothing to do with the
speed of the machine.
"""

from __future__ import annotations

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.utils import timezone

from scheduling.clients.sources import sqlite as locked
from scheduling.jail import jobs
from scheduling.lifecycle import transitions, trials
from scheduling.models import DataSource, Run, ScheduledTask
from scheduling.tests import make
from scheduling.worker import attempt as attempts
from scheduling.worker import trial
from scheduling.worker.run_context import LiveContext
from tenants.access import SYSTEM
from testing.patience import eventually
from testing.servers.dripping import dripping

pytestmark = pytest.mark.django_db(transaction=True)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
LIMIT, LONG_BEFORE_THE_CALL_ENDS = 2, 15
ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def drip() -> Iterator[str]:
    with dripping(HEAD) as port:
        yield f"http://127.0.0.1:{port}"


def source(name: str, dsn: str) -> None:
    DataSource.objects.create(name=name, dsn=dsn, is_default=True, scope_key=f":{name}")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.db"
    connection = sqlite3.connect(path)
    connection.executescript("CREATE TABLE orders (id); INSERT INTO orders VALUES (1)")
    connection.close()
    source("shop", f"sqlite:///{path}")
    return path


def run_of(script: str, **columns: Any) -> Run:
    now = timezone.now()
    task = make.task(now, script_content=script, timeout_seconds=LIMIT, **columns)
    return make.run(task, now)


def ended(run: Run) -> Run:
    began = time.monotonic()
    attempts.attempt(run.trace_id)
    assert time.monotonic() - began < LONG_BEFORE_THE_CALL_ENDS
    run.refresh_from_db()
    return run


def assert_times_out(script: str) -> None:
    run = ended(run_of(script))
    assert (run.status, run.error_code) == ("failed", "timeout")
    assert run.error == f"The script took longer than {LIMIT} s."


def assert_a_cancel_ends(run: Run) -> None:
    ScheduledTask.objects.filter(pk=run.task_id).update(timeout_seconds=300)

    def cancel() -> None:
        eventually(lambda: Run.objects.get(pk=run.pk).status == "running")
        transitions.cancel(Run.objects.get(pk=run.pk), timezone.now(), "a test")

    threading.Thread(target=cancel).start()
    assert ended(run).status == "canceled"


def dify_task(url: str, **columns: Any) -> ScheduledTask:
    return make.task(
        timezone.now(),
        task_name="slow",
        execution_type="dify",
        dify_url=url,
        dify_api_key="app-0123456789abcdef",
        **columns,
    )


class TestAScriptWaits:
    @pytest.mark.parametrize("begin", [HEAD, b""])
    @pytest.mark.parametrize(
        "call",
        ["http_get({url!r})", "http_post({url!r}, json=[1])", "http_request('GET', {url!r}, timeout=1000)"],
    )
    def test_for_a_server_that_drips(self, call: str, begin: bytes) -> None:
        with dripping(begin) as port:
            assert_times_out(call.format(url=f"http://127.0.0.1:{port}/"))

    def test_for_many_servers_at_once(self, drip: str) -> None:
        assert_times_out(
            "from concurrent.futures import ThreadPoolExecutor\n"
            f"with ThreadPoolExecutor(20) as pool:\n    list(pool.map(http_get, [{drip!r}] * 20))"
        )

    def test_for_an_ai_that_drips(self, drip: str, settings: Any) -> None:
        settings.AI_BASE_URL, settings.AI_API_KEY = drip, "sk-0123456789abcdef"
        assert_times_out("ai('one')")

    @pytest.mark.parametrize("begin", [HEAD, STREAM])
    def test_for_a_dify_that_drips(self, begin: bytes) -> None:
        with dripping(begin) as port:
            dify_task(f"http://127.0.0.1:{port}")
            assert_times_out("dify({})")

    def test_for_a_slow_query_of_sqlite(self, shop: Path) -> None:
        assert_times_out(f"db_query({ENDLESS!r})")

    def test_for_a_locked_sqlite(self, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(locked, "BUSY_SECONDS", 60)
        holder = sqlite3.connect(shop)
        holder.execute("BEGIN EXCLUSIVE")
        assert_times_out("db_query('SELECT id FROM orders')")
        holder.close()

    def test_for_a_mysql_that_drips(self) -> None:
        with dripping(b"\x4a\x00\x00\x00\x0a") as port:
            source("shop", f"mysql://me:pw@127.0.0.1:{port}/shop")
            assert_times_out("db_query('SELECT 1')")

    @pytest.mark.parametrize(
        "call", ["http_get('http://slow.example/')", "db_query('SELECT 1')"], ids=["http", "mysql"]
    )
    def test_for_a_slow_dns(self, call: str, monkeypatch: pytest.MonkeyPatch) -> None:
        over = threading.Event()

        def never(*_: Any, **__: Any) -> list[Any]:
            over.wait(60)
            return []

        monkeypatch.setattr(socket, "getaddrinfo", never)
        source("shop", "mysql://me:pw@slow.example/shop")
        try:
            assert_times_out(call)
        finally:
            over.set()

    def test_and_a_cancel_ends_it_too(self, drip: str) -> None:
        run = run_of(f"http_get({drip!r})")
        assert_a_cancel_ends(run)


def test_a_test_run_ends_with_its_time_too(drip: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(current_app, "send_task", lambda *_, **__: None)
    trial_id = trials.ask(trials.TrialRequest(f"http_get({drip!r})", "", {}, LIMIT, "acme"), SYSTEM)
    began = time.monotonic()
    trial.attempt(trial_id)
    assert time.monotonic() - began < LONG_BEFORE_THE_CALL_ENDS
    answer = trials.answer_of(trial_id)
    assert answer is not None
    assert (answer.status, answer.error_code) == ("failed", "timeout")


@pytest.mark.parametrize("begin", [HEAD, b""])
def test_a_webhook_that_drips_ends_with_the_tasks_time(begin: bytes) -> None:
    with dripping(begin) as port:
        run = ended(run_of("", execution_type="webhook", webhook_url=f"http://127.0.0.1:{port}/"))
    assert (run.status, run.error_code) == ("failed", "timeout")


@pytest.mark.parametrize("begin", [HEAD, STREAM])
def test_a_dify_that_drips_is_unknown_ten_seconds_later_at_most(
    begin: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LiveContext, "seconds_to_end", 2.0)
    with dripping(begin) as port:
        run = ended(make.run(dify_task(f"http://127.0.0.1:{port}", timeout_seconds=LIMIT), timezone.now()))
    assert (run.status, run.error_code) == ("failed", "dify_outcome_unknown")


class TestARendererIsBusy:
    """Of the tenant's templates one is rendered at a time: a run that waits for its turn has the run's time to."""

    def ended(self, run: Run) -> Run:
        # Its task is saved by now: the templates of a task that is saved are checked in turn, too.
        with jobs()._turns.take("acme"):
            return ended(run)

    def webhook(self, port: int = 9, **columns: Any) -> Run:
        return run_of(
            "",
            tenant_id="acme",
            execution_type="webhook",
            webhook_url=f"http://127.0.0.1:{port}/",
            webhook_body_template="{{ task_id }}",
            **columns,
        )

    def test_and_a_webhook_ends_with_the_tasks_time(self) -> None:
        run = self.ended(self.webhook())
        assert (run.status, run.error_code) == ("failed", "timeout")

    def test_and_a_dify_run_ends_with_it(self) -> None:
        task = dify_task(
            "http://127.0.0.1:9", tenant_id="acme", timeout_seconds=LIMIT, dify_user="{{ task_id }}"
        )
        run = self.ended(make.run(task, timezone.now()))
        assert (run.status, run.error_code) == ("failed", "timeout")

    def test_and_a_script_that_calls_dify_ends_with_it(self) -> None:
        dify_task("http://127.0.0.1:9", tenant_id="acme", dify_user="{{ task_id }}")
        run = self.ended(run_of("dify({})", tenant_id="acme"))
        assert (run.status, run.error_code) == ("failed", "timeout")

    def test_and_a_cancel_ends_the_wait(self) -> None:
        run = self.webhook()
        with jobs()._turns.take("acme"):
            assert_a_cancel_ends(run)


def test_a_silent_listener_ends_nothing_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert_times_out(f"http_get('http://127.0.0.1:{silent.getsockname()[1]}/')")
