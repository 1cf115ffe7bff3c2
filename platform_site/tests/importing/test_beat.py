"""import_beat: periodic tasks that call an address fire here as celery-beat fired them; the others are listed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError
from django.utils import timezone

from platform_site.tests.importing.running import report
from scheduling.models import ScheduledTask
from scheduling.tests import make
from scheduling.worker.attempt import attempt
from testing.servers.webhook import Webhook

pytestmark = pytest.mark.django_db
URL = "https://a.example.com/x"
SCHEDULES = [
    ("crontabschedule", 1, {"minute": "30", "hour": "8", "day_of_month": "*", "month_of_year": "*",
                            "day_of_week": "1-5", "timezone": "Europe/Berlin"}),
    ("crontabschedule", 2, {"minute": "0", "hour": "9", "day_of_month": "13", "month_of_year": "*",
                            "day_of_week": "fri", "timezone": "UTC"}),
    ("intervalschedule", 1, {"every": 2, "period": "hours"}),
    ("intervalschedule", 2, {"every": 30, "period": "seconds"}),
    ("intervalschedule", 3, {"every": 120, "period": "seconds"}),
    ("intervalschedule", 4, {"every": 7, "period": "seconds"}),
    ("clockedschedule", 1, {"clocked_time": "2100-01-01T08:00:00Z"}),
    ("clockedschedule", 2, {"clocked_time": "2020-01-01T08:00:00Z"}),
    ("solarschedule", 1, {"event": "sunset", "latitude": "1", "longitude": "2"}),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make.tenant()
    return tmp_path


def periodic(**fields: Any) -> dict[str, Any]:
    """A row of the table, as `dumpdata` writes it."""
    empty = dict.fromkeys(
        ("crontab", "interval", "clocked", "solar", "start_time", "expires", "expire_seconds")
    )
    defaults = {
        "name": "ping",
        "task": "shop.tasks.http_get",
        "args": "[]",
        "kwargs": json.dumps({"url": URL}),
    }
    return empty | defaults | {"crontab": 1, "enabled": True, "description": "", "one_off": False} | fields


def imported(folder: Path, *rows: dict[str, Any], options: tuple[str, ...] = ("--apply",)) -> dict[str, Any]:
    entries = [*SCHEDULES, *(("periodictask", number, row) for number, row in enumerate(rows, 1))]
    dump = [
        {"model": f"django_celery_beat.{model}", "pk": pk, "fields": fields} for model, pk, fields in entries
    ]
    (folder / "beat.json").write_text(json.dumps(dump))
    return report("import_beat", str(folder / "beat.json"), "--tenant", "acme", *options)


@pytest.mark.django_db(transaction=True)
def test_the_call_is_made(folder: Path) -> None:
    with Webhook() as server:
        arguments = {"url": server.url, "params": {"a": "b c"}, "json": {"text": "{{ 好 }}"}, "timeout": 2.5}
        summary = imported(folder, periodic(task="shop.tasks.post_json", kwargs=json.dumps(arguments)))
        assert summary["left"] == []
        task = ScheduledTask.objects.get()
        run = make.run(task, timezone.now())
        attempt(run.trace_id)
        [call] = server.calls
    assert (call.method, call.path, call.json()) == ("POST", "/hook?a=b+c", {"text": "{{ 好 }}"})
    assert (task.task_name, task.timeout_seconds, task.is_enabled) == ("ping", 3, False)
    assert "shop.tasks.post_json was taken for a POST of its address" in " ".join(summary["notes"])


@pytest.mark.parametrize(
    ("schedule", "columns"),
    [
        ({"crontab": 1}, {"schedule_type": "cron", "cron_expression": "30 8 * * 1-5", "timezone": "Europe/Berlin"}),
        ({"interval": 1}, {"schedule_type": "interval", "interval_minutes": 120, "timezone": "Asia/Shanghai"}),
        ({"interval": 2}, {"schedule_type": "cron", "cron_expression": "*/30 * * * * *"}),
        ({"interval": 3}, {"schedule_type": "interval", "interval_minutes": 2}),
        ({"clocked": 1}, {"schedule_type": "once", "run_at": datetime(2100, 1, 1, 8, tzinfo=UTC)}),
    ],
)  # fmt: skip
def test_the_schedule_is_the_same(folder: Path, schedule: dict[str, int], columns: dict[str, Any]) -> None:
    assert imported(folder, periodic(**{"crontab": None} | schedule))["left"] == []
    task = ScheduledTask.objects.get()
    assert {name: getattr(task, name) for name in columns} == columns


@pytest.mark.parametrize(
    ("fields", "method", "headers", "body"),
    [
        ({"task": "shop.tasks.ping", "args": json.dumps([URL]), "kwargs": "{}"}, "GET", {}, "{# no body #}"),
        ({"task": "shop.tasks.ping", "kwargs": json.dumps({"webhook_url": URL, "data": {"a": 1}})}, "POST",
         {"Content-Type": "application/x-www-form-urlencoded"}, "a=1"),
        ({"kwargs": json.dumps({"url": URL, "method": "put", "body": "x", "headers": {"Content-Type": "a/b"}})},
         "PUT", {"Content-Type": "a/b"}, "x"),
    ],
)  # fmt: skip
def test_the_arguments_are_read(
    folder: Path, fields: dict[str, Any], method: str, headers: dict[str, str], body: str
) -> None:
    assert imported(folder, periodic(**fields))["left"] == []
    task = ScheduledTask.objects.get()
    assert (task.webhook_url, task.webhook_method) == (URL, method)
    assert (task.headers, task.webhook_body_template) == (headers, body)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"task": "shop.tasks.report", "kwargs": "{}"}, "“ping” runs shop.tasks.report, which is code of your"),
        ({"task": "celery.backend_cleanup", "kwargs": "{}"}, "which Celery needs itself"),
        ({"args": "[1]"}, "has other arguments without names"),
        ({"kwargs": json.dumps({"url": URL, "user_id": 1})}, "its argument “user_id” is not one of a request"),
        ({"kwargs": json.dumps({"url": URL, "headers": []})}, "Its headers are no object."),
        ({"kwargs": json.dumps({"url": URL, "timeout": "soon"})}, "Its timeout is no number of seconds."),
        ({"kwargs": "{"}, "kwargs: This is not valid JSON."),
        ({"crontab": 2}, "day_of_week: “0 9 13 * fri” fires on days that match both day fields"),
        ({"crontab": None, "interval": 4}, "It fires every 7 seconds"),
        ({"crontab": None, "clocked": 2}, "Its only time, 2020-01-01 08:00, is over."),
        ({"crontab": None, "solar": 1}, "It fires by the sun"),
        ({"crontab": 99}, "The task has no schedule."),
    ],
)  # fmt: skip
def test_a_task_that_is_left_says_why(folder: Path, fields: dict[str, Any], why: str) -> None:
    summary = imported(folder, periodic(**fields))
    assert (summary["taken"], summary["left_rows"]) == ({}, {"tasks": 1})
    assert summary["left"][0].startswith("periodictask 1: ")
    assert why in summary["left"][0]


def test_a_second_import_changes_nothing_and_a_disabled_task_stays_off(folder: Path) -> None:
    rows = [periodic(), periodic(name="off", enabled=False)]
    assert imported(folder, *rows, options=("--apply", "--enable"))["taken"] == {"tasks": 2}
    assert list(ScheduledTask.objects.order_by("pk").values_list("is_enabled", flat=True)) == [True, False]
    summary = imported(folder, *rows)
    assert (summary["taken"], summary["here"]) == ({}, {"tasks": 2})


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"[]", "contains no periodic tasks"),
        (
            b'[{"model": "django_celery_beat.periodictask", "pk": [], "fields": {}}, 1]',
            "contains no periodic tasks",
        ),
        (b"{", "is not valid JSON"),
        (b"[" * 100_000, "is not valid JSON"),
        (b"\xff", "is not valid JSON"),
    ],
)
def test_a_file_that_is_no_dump_is_refused(folder: Path, content: bytes, why: str) -> None:
    (folder / "beat.json").write_bytes(content)
    with pytest.raises(CommandError, match=why):
        report("import_beat", str(folder / "beat.json"), "--tenant", "acme")
