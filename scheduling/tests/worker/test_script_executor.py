"""A script task's run, from its row to its result, and what its calls reach."""

from __future__ import annotations

import sqlite3
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from sandbox.declarations import FUNCTIONS
from scheduling.kinds.script.executor import ScriptExecutor
from scheduling.lifecycle import transitions
from scheduling.models import DataSource, Run, ScheduledTask
from scheduling.tests import make
from scheduling.worker.attempt import attempt
from scheduling.worker.executors import executor_of
from scheduling.worker.run_context import LiveContext
from testing.patience import eventually
from testing.servers.dify_replay import DifyReplay, says, streams
from testing.servers.openai import KEY, OpenAi
from testing.servers.threaded import Threaded

pytestmark = pytest.mark.django_db(transaction=True)
NO_INPUTS = says(200, {"user_input_form": []})
RUN = "ea8856c4-1493-4c12-8731-73bbe93ba964"
STARTED = {"event": "workflow_started", "workflow_run_id": RUN, "task_id": "t", "data": {"id": RUN}}
FINISHED = {
    "event": "workflow_finished",
    "workflow_run_id": RUN,
    "task_id": "t",
    "data": {"id": RUN, "status": "succeeded", "outputs": {"text": "done"}, "total_tokens": 30},
}


def ran(source: str, **columns: Any) -> Run:
    return attempted(make.task(now=timezone.now(), script_content=source, **columns))


def attempted(task: ScheduledTask) -> Run:
    run = make.run(task, timezone.now())
    attempt(run.trace_id)
    run.refresh_from_db()
    return run


def dify_task(dify: DifyReplay, name: str = "brief", **columns: Any) -> ScheduledTask:
    defaults = {"execution_type": "dify", "dify_url": dify.url, "dify_api_key": "app-0123456789abcdef"}
    return make.task(now=timezone.now(), task_name=name, **defaults | columns)


def test_every_function_that_is_declared_as_granted_is_granted() -> None:
    task = make.task()
    run = make.run(task)
    executor = executor_of(run, task, LiveContext(run, task, []))
    assert isinstance(executor, ScriptExecutor)
    assert set(executor.grants) == {function.name for function in FUNCTIONS if function.is_granted}


def test_the_tokens_of_ai_are_counted_on_the_run(settings: Any) -> None:
    with OpenAi() as server:
        settings.AI_BASE_URL, settings.AI_API_KEY = server.base_url, KEY
        run = ran("result = [ai('one'), ai('two', system='short')]")
    assert (run.result, run.tokens) == (["You said: one", "You said: two"], 24)


def test_tokens_count_also_where_the_script_fails_afterwards(settings: Any) -> None:
    with OpenAi() as server:
        settings.AI_BASE_URL, settings.AI_API_KEY = server.base_url, KEY
        run = ran("ai('one')\n1 / 0")
    assert (run.error_code, run.tokens) == ("script_error", 12)


def test_a_refusal_of_ai_is_the_scripts_to_handle(settings: Any) -> None:
    settings.AI_BASE_URL = ""
    run = ran("try:\n    ai('one')\nexcept Exception as error:\n    result = str(error)")
    assert "AI_BASE_URL" in str(run.result)


def test_calls_of_several_threads_are_under_way_at_once() -> None:
    """The server answers nobody before all four have asked."""
    meeting = threading.Barrier(4, timeout=60)

    class Slow(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            meeting.wait()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"page")

    with Threaded(Slow) as server:
        run = ran(
            "from concurrent.futures import ThreadPoolExecutor\n"
            "with ThreadPoolExecutor(4) as pool:\n"
            f"    pages = list(pool.map(http_get, ['http://127.0.0.1:{server.port}/'] * 4))\n"
            "result = [str(page) for page in pages]"
        )
    assert (run.error, run.result) == ("", ["page"] * 4)


def test_a_data_source_is_asked(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "shop.db")
    connection.executescript("CREATE TABLE orders (id, city); INSERT INTO orders VALUES (1, '上海')")
    connection.close()
    DataSource.objects.create(
        name="shop", dsn=f"sqlite:///{tmp_path}/shop.db", is_default=True, scope_key=":shop"
    )
    run = ran("result = db_query('SELECT city FROM orders WHERE id = %s', [1], source='shop')[0]['city']")
    assert (run.error, run.result) == ("", "上海")


DEEP = "value = 'end'\nfor _ in range({levels}):\n    value = [value]\n"


@pytest.mark.parametrize("levels", [65, 480])
def test_a_result_of_more_than_64_levels_is_refused_in_one_attempt(levels: int) -> None:
    run = ran(DEEP.format(levels=levels) + "result = value", retry_count=2)
    assert (run.status, run.error_code, run.attempt) == ("failed", "result_limit", 1)
    assert run.error == "result is nested more than 64 levels deep."


def test_a_result_of_64_levels_is_kept_and_sent_on() -> None:
    run = ran(DEEP.format(levels=64) + "result = value")
    assert (run.status, run.error) == ("success", "")
    assert str(run.result).count("[") == 64


def test_a_message_of_more_than_64_levels_is_the_scripts_to_handle() -> None:
    run = ran(DEEP.format(levels=480) + "notify(value)")
    assert run.error_code == "script_error"
    assert "nested deeper than 64" in run.error


class TestDify:
    def test_its_outputs_are_the_scripts(self) -> None:
        with DifyReplay(NO_INPUTS, streams(STARTED, FINISHED)) as dify:
            dify_task(dify, input_params={"lang": "zh"})
            run = ran("result = dify({'topic': 'weather'}, app='brief')")
        assert (run.error, run.result, run.tokens) == ("", {"text": "done"}, 30)
        assert dify.requests[1].json()["inputs"] == {"lang": "zh", "topic": "weather"}
        assert Run.objects.count() == 1

    def test_it_has_a_user_of_its_own_for_it_has_no_row(self) -> None:
        with DifyReplay(NO_INPUTS, streams(STARTED, FINISHED)) as dify:
            task = dify_task(dify)
            ran("result = dify({})")
        assert dify.requests[1].json()["user"] == f"script-{task.pk}"

    def test_the_only_one_needs_no_name(self) -> None:
        with DifyReplay(NO_INPUTS, streams(STARTED, FINISHED)) as dify:
            dify_task(dify)
            assert ran("result = dify({})").result == {"text": "done"}

    def test_of_two_one_must_be_named(self) -> None:
        with DifyReplay() as dify:
            dify_task(dify, "a")
            dify_task(dify, "b")
            run = ran("dify({})")
        assert "more than one" in run.error

    def test_another_tenants_task_does_not_exist(self) -> None:
        with DifyReplay() as dify:
            dify_task(dify, tenant=make.tenant("other"))
            run = ran("dify({}, app='brief')")
        assert "no Dify task called 'brief'" in run.error

    def test_its_failure_is_raised_in_the_script(self) -> None:
        failed = {**FINISHED, "data": {**FINISHED["data"], "status": "failed", "error": "node broke"}}  # type: ignore[dict-item]
        with DifyReplay(NO_INPUTS, streams(STARTED, failed)) as dify:
            dify_task(dify)
            run = ran("dify({})")
        assert run.error_code == "script_error"
        assert "dify_failed: node broke" in run.error

    def test_its_key_is_masked(self) -> None:
        refused = says(401, {"code": "unauthorized", "message": "bad key app-0123456789abcdef"})
        with DifyReplay(refused) as dify:
            dify_task(dify)
            run = ran("dify({})")
        assert "dify_auth" in run.error
        assert "app-0123456789abcdef" not in run.error + run.output

    def test_canceling_the_script_stops_it_in_dify(self) -> None:
        with DifyReplay(
            NO_INPUTS, streams(STARTED, ending="stall"), says(200, {"result": "success"})
        ) as dify:
            dify_task(dify)
            task = make.task(now=timezone.now(), script_content="dify({})")
            run = make.run(task, timezone.now())

            def cancel() -> None:
                eventually(lambda: Run.objects.get(pk=run.pk).status == "running" and len(dify.requests) == 2)
                transitions.cancel(Run.objects.get(pk=run.pk), timezone.now(), "a test")

            threading.Thread(target=cancel).start()
            attempt(run.trace_id)
        run.refresh_from_db()
        assert run.status == "canceled"
        assert dify.requests[-1].path.endswith("/stop")
