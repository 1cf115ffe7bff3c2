"""The scripts to start from do what they promise, run as they are written: here against stand-ins."""

from __future__ import annotations

import base64
import io
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from django.utils import timezone
from packaging.requirements import Requirement

from notifications import messages
from notifications.channel_types import CHANNEL_TYPES
from notifications.models import Delivery, NotifyChannel
from notifications.render.base import Page
from sandbox.gallery import EXAMPLES, Example
from sandbox.host.runner import Runner
from scheduling.grants.vars import Vars
from scheduling.kinds.script.requirements import requirements_of
from scheduling.models import DataSource, Run
from scheduling.tests import make
from scheduling.worker import environments, script_executor
from scheduling.worker.attempt import attempt
from testing.servers.dify_replay import DifyReplay, says, streams
from testing.servers.feed import Feed
from testing.servers.mirror import Mirror
from testing.servers.openai import KEY, OpenAi

pytestmark = pytest.mark.django_db(transaction=True)
BY_NAME = {example.name: example for example in EXAMPLES}
ZONE = "Asia/Shanghai"
STARTED = {"event": "workflow_started", "workflow_run_id": "r", "task_id": "t", "data": {"id": "r"}}


def requirements(example: Example) -> list[Requirement]:
    return [Requirement(line) for line in requirements_of(example.dependencies, "", None)]


def folders(example: Example) -> list[str]:
    """Return where this environment has the packages that the example lists."""
    found = (find_spec(requirement.name) for requirement in requirements(example))
    return sorted({str(Path(spec.origin).parents[1]) for spec in found if spec and spec.origin})


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Run]]:
    """run("name", language, **parameters): the packages are those of this environment, which no index has to give."""
    everywhere = sorted({folder for example in EXAMPLES for folder in folders(example)})
    runner = Runner(deps_dirs=everywhere)

    def ran(name: str, language: str = "en", **given: Any) -> Run:
        example = BY_NAME[name]

        @contextmanager
        def paths(*_: Any) -> Iterator[tuple[str, ...]]:
            yield tuple(folders(example))

        monkeypatch.setattr(script_executor, "runner", lambda: runner)
        monkeypatch.setattr(environments, "import_paths", paths)
        parameters = example.parameters_zh if language == "zh" else example.parameters
        task = make.task(
            now=timezone.now(),
            script_content=example.script,
            script_deps=example.dependencies,
            input_params={**parameters, **given},
            timezone=ZONE,
            timeout_seconds=300,
        )
        return again(make.run(task, timezone.now()))

    with runner:
        yield ran


def again(run: Run) -> Run:
    attempt(run.trace_id)
    run.refresh_from_db()
    assert (run.status, run.error) == ("success", "")
    return run


@pytest.fixture
def yesterday(tmp_path: Path) -> str:
    """The day that the reports are about, in a shop that has orders of two cities on it."""
    day = (datetime.now(ZoneInfo(ZONE)) - timedelta(days=1)).strftime("%Y-%m-%d")
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE orders (city, amount, day)")
        rows = [("上海", 1200, day), ("上海", 34, day), ("北京", 56.5, day), ("北京", 9, "1999-01-01")]
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?)", rows)
    connection.close()
    DataSource.objects.create(
        name="shop", dsn=f"sqlite:///{tmp_path}/shop.db", is_default=True, scope_key=":shop"
    )
    return day


@pytest.fixture
def wecom() -> NotifyChannel:
    return NotifyChannel.objects.create(
        tenant=make.tenant(),
        channel_name="wecom",
        channel_type="wecom_bot",
        webhook_url="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=k",
    )


def message_to(channel: NotifyChannel) -> Any:
    """Return the message that one delivery has for the channel."""
    return Delivery.objects.get(channel=channel).message


def losses(message: Any, kind: str) -> list[Any]:
    """Return what a message loses on a channel of this kind."""
    read = messages.read(message)
    assert read is not None
    return list(CHANNEL_TYPES[kind].render(read, Page("https://x/1", "task")).notes)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_is_complete_in_both_languages(example: Example) -> None:
    assert all((example.title, example.title_zh, example.description, example.description_zh))
    assert example.parameters.keys() == example.parameters_zh.keys()
    assert all(version(r.name) in r.specifier for r in requirements(example))
    compile(example.script, example.name, "exec")


def test_the_site_check_speaks_when_something_changes(run: Callable[..., Run]) -> None:
    with Mirror() as site:
        broken, works = f"{site.url}/?status=503&reason=Busy", f"{site.url}/works"
        first = run("site_check", urls=[works])

        def then(*urls: str, known: dict[str, str] | None = None) -> Any:
            if known is not None:
                Vars(first.task_id, "acme", lambda _: False).set_var("down", known, "task")
            return again(make.run(first.task, timezone.now(), params={"title": "Sites", "urls": urls})).result

        assert first.result is None
        assert then(broken, works) == {"title": "Sites", "content": f"- ❌ {broken}: HTTP 503 Busy"}
        assert then(broken, works) is None
        assert then(works, known={works: "HTTP 500"})["content"] == f"- ✅ {works}"
    assert then(works)["content"].startswith(f"- ❌ {works}: ")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_sql_report_has_a_table_and_a_picture(
    run: Callable[..., Run], yesterday: str, wecom: NotifyChannel, language: str
) -> None:
    done = run("sql_report", language, picture_channel="wecom")
    title, names = ("销售日报", "城市 | 销售额") if language == "zh" else ("Sales", "city | total")
    assert done.result == {
        "title": f"{title} {yesterday}",
        "content": f"| {names} |\n|---|---:|\n| 上海 | 1,234 |\n| 北京 | 56.5 |",
    }
    picture = message_to(wecom)
    assert losses(picture, "wecom_bot") == []
    assert base64.b64decode(picture["image_base64"]).startswith(b"\x89PNG\r\n")


def test_without_a_robot_for_the_picture_the_table_is_all(run: Callable[..., Run], yesterday: str) -> None:
    assert run("sql_report").result is not None
    assert not Delivery.objects.exists()


def test_a_day_without_figures_sends_nothing(run: Callable[..., Run], yesterday: str) -> None:
    sql = "SELECT city, amount FROM orders WHERE day = %(day)s AND amount < 0"
    assert run("sql_report", sql=sql, picture_channel="wecom").result is None


def test_the_rss_digest_tells_each_article_once(run: Callable[..., Run], settings: Any) -> None:
    with Feed() as feed, OpenAi() as server:
        settings.AI_BASE_URL, settings.AI_API_KEY = server.base_url, KEY
        first = run("rss_digest", feeds=[f"{feed.url}/rss", f"{feed.url}/atom", f"{feed.url}/missing"])
        second = again(make.run(first.task, timezone.now()))
    (asked,) = server.requests
    question = asked["messages"][-1]["content"]
    assert [line for line in question.split("\n") if line.startswith("http")] == ["http://a/1", "http://b/2"]
    assert asked["messages"][0]["content"].startswith("Summarise these articles")
    assert first.result == {"title": "News", "content": f"You said: {question}"}
    assert second.result is None


def test_the_excel_report_is_a_file(run: Callable[..., Run], yesterday: str, wecom: NotifyChannel) -> None:
    done = run("excel_report")
    assert done.result == {"title": f"Orders {yesterday}", "content": "3 orders"}
    sent = message_to(wecom)
    assert losses(sent, "wecom_bot") == []
    assert sent["file_name"] == f"orders-{yesterday}.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(base64.b64decode(sent["file_base64"]))).active
    assert list(sheet.values)[:2] == [("city", "amount", "day"), ("上海", 1200, yesterday)]


def test_the_dify_check_names_what_is_missing(run: Callable[..., Run]) -> None:
    inputs = {"user_input_form": [{"text-input": {"variable": "query", "required": True, "label": "q"}}]}
    ended = {"id": "r", "status": "succeeded", "outputs": {"text": "From 9 to 17."}, "total_tokens": 3}
    finished = {"event": "workflow_finished", "workflow_run_id": "r", "task_id": "t", "data": ended}
    answers = [says(200, inputs), streams(STARTED, finished)]
    with DifyReplay(*answers, *answers) as dify:
        make.task(
            now=timezone.now(), task_name="Assistant", execution_type="dify", dify_url=dify.url,
            dify_api_key="app-0123456789abcdef",
        )  # fmt: skip
        cases = [
            {"question": "Open?", "expected": ["9", "18"]},
            {"question": "When?", "expected": ["from 9"]},
        ]
        done = run("dify_check", cases=cases)
    assert done.result == {"title": "Quality 1/2", "content": "- ❌ Open? · 18\n- ✅ When?"}
