"""The API as a whole: hostile input, its own description, and what a list costs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pydantic import BaseModel
from pytest_django import Settings

from notifications.models import Delivery, NotifyChannel, WeComApp
from platform_site.web.api import api
from scheduling.acts import calendars, hooks
from scheduling.lifecycle.failures import count_failure
from scheduling.models import Calendar, DataSource
from scheduling.tests import make
from tenants import rows
from tenants.access import SYSTEM
from tenants.models import Secret, TenantConfig
from testing.callers import Caller, has_chinese, member, superuser, tenant

pytestmark = pytest.mark.django_db


@pytest.fixture
def root() -> Caller:
    return superuser()


HOSTILE = {
    "no JSON": b"{{",
    "not UTF-8": b"\xff\xfe",
    "a lone value": b"7",
    "a list": b"[]",
    "null": b"null",
    "a key twice": b'{"task_name": "a", "task_name": "b"}',
    "a key twice inside": b'{"input_params": {"a": 1, "a": 2}}',
    "deep": b'{"input_params":' + b'{"a":' * 100 + b"1" + b"}" * 101,
    "very deep": b"[" * 1_000_000,
    "NaN": b'{"input_params": {"a": NaN}}',
    "infinite": b'{"input_params": {"a": 1e999}}',
    "65 bits": b'{"input_params": {"a": 18446744073709551616}}',
    "5000 digits": b'{"input_params": {"a": ' + b"9" * 5000 + b"}}",
    "NUL": b'{"task_name": "a\\u0000b"}',
    "NUL in a key": b'{"input_params": {"\\u0000": 1}}',
    "half a surrogate pair": b'{"task_name": "\\ud800"}',
    "half a pair inside": b'{"input_params": {"a": ["\\udfff"]}}',
    "wrong types": b'{"task_name": {}, "time_points": 1, "input_params": "x", "priority": []}',
    "unknown": b'{"__class__": 1}',
    "empty": b"",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize(
    "path", ["/scheduled-tasks", "/notification-channels", "/schedules/preview", "/script-vars"]
)
def test_no_body_is_more_than_refused(root: Caller, path: str, body: bytes) -> None:
    answer = root.post(path, body)
    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"]


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_refused_body_is_told_why_in_the_readers_language(root: Caller, body: bytes) -> None:
    for caller, expected in ((root, False), (root.in_language("zh-CN"), True)):
        for error in caller.post("/scheduled-tasks", body).json()["errors"]:
            assert has_chinese(error["message"]) == expected, error


def test_every_kind_of_problem_is_told_in_the_readers_language(root: Caller, settings: Settings) -> None:
    settings.WRONG_TOKENS_PER_MINUTE = 2
    task, viewer, wrong = make.task(), member("viewer"), Caller("nope")
    path, hook = f"/scheduled-tasks/{task.pk}", hooks.issue(make.task(is_enabled=False), SYSTEM)
    for language, expected in (("en", False), ("zh-CN", True)):
        asker = root.in_language(language)
        answers = [
            wrong.in_language(language).get(path),
            viewer.in_language(language).delete(path),
            asker.get("/scheduled-tasks/999"),
            asker.put(path, {"version": 7}),
            asker.post("/scheduled-tasks", b"x" * (4 << 20) + b"x"),
            asker.get("/task-logs", page="x"),
            asker.get("/task-logs", nope="x"),
            asker.get("/task-logs", due_from="x"),
            asker.post(f"/hooks/{hook}"),
        ]
        assert [answer.status_code for answer in answers] == [401, 403, 404, 409, 413, 422, 422, 422, 409]
        for answer in answers:
            assert has_chinese(answer.json()["detail"]) == expected, answer.json()
    refused = [wrong.in_language(language).get(path).json()["detail"] for language in ("en", "zh-CN")]
    assert [has_chinese(detail) for detail in refused] == [False, True]


def test_a_whole_pair_is_a_character(root: Caller) -> None:
    body = b'{"task_name": "\\ud83d\\ude00", "time_points": ["08:00"], "script_content": "pass"}'
    assert root.post("/scheduled-tasks", body).json()["task_name"] == "😀"


def test_a_body_over_4_mib_is_413(root: Caller) -> None:
    answer = root.post("/scheduled-tasks", b"x" * (4 << 20) + b"x")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/scheduled-tasks/", 404),
        ("GET", "/scheduled-tasks/abc", 404),
        ("GET", "/scheduled-tasks/-1", 404),
        ("GET", "/scheduled-tasks/9223372036854775808", 404),
        ("GET", f"/task-logs/{'9' * 5000}", 404),
        ("GET", "/tenants/%00", 404),
        ("GET", "/tenants/%ED%A0%80", 404),
        ("PATCH", "/scheduled-tasks", 405),
        ("DELETE", "/scheduled-tasks", 405),
        ("TRACE", "/task-logs", 405),
        ("GET", "/task-logs?search=%00", 422),
        ("GET", "/task-logs?before_id=9223372036854775808", 422),
        ("GET", "/task-logs?page=99999999999999999999", 422),
        ("GET", "/task-logs?due_from=9999-12-31T23:59:59-23:59", 422),
        ("GET", "/task-logs?task_id=1e3", 422),
    ],
)
def test_every_error_is_a_problem(root: Caller, method: str, path: str, status: int) -> None:
    answer = root.send(method, path)
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert int(answer.headers.get("Content-Length", len(answer.content))) == len(answer.content)
    assert ("Allow" in answer.headers) == (status == 405)


def test_a_fault_of_ours_is_a_problem_too(root: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr("scheduling.api.runs.page_of_runs", fail)
    root.client.raise_request_exception = False
    answer = root.get("/task-logs")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_server_error")
    assert b"canary" not in answer.content


def test_description_and_docs_need_no_token_and_no_other_host() -> None:
    schema = Client().get("/api/openapi.json")
    assert schema.json()["openapi"].startswith("3.1")
    page = Client().get("/api/docs").content.decode()
    assert "/static/ninja/swagger-ui-bundle.js" in page
    assert "https://" not in page.replace("https://" + "json-schema.org", "")


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    return [
        (path, method, operation) for path, methods in paths.items() for method, operation in methods.items()
    ]


OPEN = {"post /api/hooks/{token}"}  # its token is the address


def test_every_operation_is_described_and_declares_how_it_fails() -> None:
    for path, method, operation in operations():
        statuses = set(operation["responses"])
        where = f"{method} {path}"
        is_open = operation.get("security") is None
        assert is_open == (where in OPEN), where
        assert is_open or {401, 429} <= statuses, where
        assert ("{" in path) <= (404 in statuses), where
        assert (method in ("post", "put") and "requestBody" in operation) <= (422 in statuses), where
        assert operation["summary"], where
        for status in statuses:
            if status >= 400:
                assert list(operation["responses"][status]["content"]) == ["application/problem+json"], where


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert sorted(set(ids)) == sorted(ids)


def test_every_example_is_valid(root: Caller) -> None:
    """As far as a body can be without the rows it names."""
    tenant("default")
    schemas = api.get_openapi_schema(path_prefix="/api/")["components"]["schemas"]
    made = {
        "TaskNew": "/scheduled-tasks",
        "SecretNew": "/secrets",
        "TokenNew": "/tokens",
        "TenantNew": "/tenants",
        "CalendarNew": "/calendars",
    }
    for name, path in made.items():
        for example in schemas[name]["examples"]:
            answer = root.post(path, example)
            assert answer.status_code == 201, (name, answer.content)


def _rows(count: int) -> None:
    here = tenant()
    for n in range(count):
        code = f"c{n}-{count}"
        calendars.create(Calendar(tenant=here, code=code), SYSTEM)
        task = make.task(task_name=f"{n}-{count}", notify_channels=[], calendar=code)
        run = make.run(task, status="failed", error_code="timeout")
        count_failure(run, make.NOW)
        channel = NotifyChannel.objects.create(tenant=here, channel_name="c", channel_type="dingtalk_bot")
        WeComApp.objects.create(tenant=here, app_name="a", corp_id="ww1", agent_id=n)
        Delivery.objects.create(
            tenant=here,
            channel=channel,
            log_id=run.pk,
            robot="r",
            kind="result",
            msg_uuid="u",
            next_attempt_at=make.NOW,
        )
        WeComApp.objects.create(tenant=here, app_name="a", corp_id="c", agent_id=1)
        DataSource.objects.create(name=f"{n}-{count}", dsn="sqlite:////x", scope_key=f"{n}-{count}")
        rows.create(Secret(tenant=here, secret_key=f"{n}-{count}", value="x"), SYSTEM)
        rows.create(TenantConfig(tenant=here, app_code="a", config_key=f"{n}-{count}"), SYSTEM)


LISTS = [
    "/scheduled-tasks",
    "/task-logs",
    "/notification-channels",
    "/wecom-apps",
    "/deliveries",
    "/failures",
    "/script-vars",
    "/wecom-apps",
    "/tenants",
    "/tenants/acme/members",
    "/users",
    "/tokens",
    "/tenant-configs",
    "/secrets",
    "/calendars",
    "/audit",
    "/data-sources",
    "/logs",
]


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_the_same_queries_however_long_it_is(root: Caller, path: str) -> None:
    _rows(1)
    root.get(path)  # the default task and the token's last use are written once
    few = _queries(root, path)
    _rows(5)
    assert _queries(root, path) == few
    assert few <= 6


def _queries(caller: Caller, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert caller.get(path).status_code == 200
    return len(captured)


def test_every_list_is_counted() -> None:
    described = {
        path.removeprefix("/api")
        for path, method, operation in operations()
        if method == "get" and any(parameter["name"] == "page" for parameter in operation["parameters"])
    }
    elsewhere = {"/scheduled-tasks/{task_id}/logs", "/scheduled-tasks/{task_id}/versions"}
    assert described - elsewhere == {path.replace("acme", "{code}") for path in LISTS}


def test_answers_are_json_that_any_parser_reads(root: Caller) -> None:
    run = make.run(make.task(), result={"wide": "😀", "quoted": '"\u2028'})
    shown = json.loads(root.get(f"/task-logs/{run.pk}").content)
    assert shown["result"] == {"wide": "😀", "quoted": '"\u2028'}


def test_no_two_schemas_share_a_name() -> None:
    """The second would stand for both in the description."""
    models = {
        model for model in _subclasses(BaseModel) if ".api." in model.__module__ or "_api" in model.__module__
    }
    names = [model.__name__ for model in models]
    assert sorted(set(names)) == sorted(names)


def _subclasses(model: type[Any]) -> list[type[Any]]:
    return [found for child in model.__subclasses__() for found in (child, *_subclasses(child))]


NEW: dict[str, dict[str, Any]] = {
    "/scheduled-tasks": {"task_name": "t", "time_points": ["08:00"], "script_content": "result = 1"},
    "/notification-channels": {
        "channel_name": "c",
        "channel_type": "dingtalk_bot",
        "webhook_url": "https://oapi.dingtalk.com/robot/send?access_token=x",
    },
    "/wecom-apps": {"app_name": "a", "corp_id": "ww1", "agent_id": 1, "corp_secret": "s"},
    "/script-vars": {"var_key": "k", "var_value": 1},
    "/secrets": {"secret_key": "K", "value": "v"},
    "/tenant-configs": {"app_code": "a", "config_key": "k"},
    "/calendars": {"code": "shop"},
    "/tokens": {"name": "t"},
}


@pytest.mark.parametrize("path", NEW)
def test_a_tenant_that_is_left_out_is_the_callers_where_there_is_just_one(path: str) -> None:
    made = member("admin").post(path, NEW[path])
    assert (made.status_code, made.json()["tenant_id"]) == (201, "acme"), made.json()
    refused = member("admin", name="another").post(path, NEW[path] | {"tenant_id": None})
    assert refused.status_code in (403, 422)


def test_a_superusers_row_without_a_tenant_is_global(root: Caller) -> None:
    assert root.post("/calendars", NEW["/calendars"]).json()["tenant_id"] is None
    assert root.post("/notification-channels", NEW["/notification-channels"]).status_code == 422


def test_replies_are_utf_8_that_people_read(root: Caller) -> None:
    made = root.post("/calendars", {"code": "shop", "name": "商店"})
    assert "商店" in made.content.decode()
    assert "应为文本" in root.in_language("zh-hans").post("/calendars", {"name": 1}).content.decode()


@pytest.mark.parametrize(("language", "chinese"), [("en", False), ("zh-hans", True)])
def test_who_names_no_language_is_answered_in_the_platforms(
    root: Caller, settings: Settings, language: str, chinese: bool
) -> None:
    settings.LANGUAGE_CODE = language
    client = Client(headers={"authorization": f"Bearer {root.token}"})
    refused = client.post("/api/calendars", "{}", content_type="application/json")
    assert has_chinese(refused.content.decode()) is chinese
