from __future__ import annotations

from typing import Any

import pytest

from sandbox.declarations import FUNCTIONS, MODULES, Function
from sandbox.host.runner import Context
from sandbox.reference import sdk_docs
from sandbox.tests.conftest import Run

# As the seed documents them, arguments included.
_SEED_SIGNATURES = {
    "print(message)",
    "ai(prompt, system=None, model='deepseek-chat')",
    "dingtalk(webhook_url, content, title='通知')",
    "wecom(webhook_url, content)",
    "del_var(key, scope='task')",
    "get_param(key, default=None)",
    "get_params()",
    "get_tenants()",
    "get_tenant_config(tenant_id, app_code, key)",
    "get_all_tenant_configs(app_code, key)",
    "get_secret(key)",
}
_ADDED_SIGNATURES = {
    "db_query(sql, params=None, source=None)",
    "get_var(key, default=None, scope='task')",
    "set_var(key, value, scope='task')",
    "progress(done, total)",
    "notify(message, channel=None)",
    "dify(inputs, app=None)",
    # The seed's own, with parameters added at their end.
    "log(message, *more, sep=' ')",
    "http_get(url, headers=None, params=None, timeout=None)",
    "http_post(url, data=None, json=None, headers=None, timeout=None)",
    "http_request(method, url, headers=None, params=None, data=None, json=None, timeout=None)",
    "http_session(headers=None)",
}
_BASIC_EXAMPLE = """
# 无需 import,模块已内置
log('任务开始执行')
now = datetime.now().strftime('%Y-%m-%d %H:%M:%S')
prompt = get_param('prompt', '默认提示词')
content = ai(prompt, system='你是一个助手')
result = {
    'title': '每日推送',
    'content': f'**生成时间**: {now}\\n\\n{content}'
}
log('任务执行完成')
"""
_CARD_EXAMPLE = """
log('生成销售日报')
now = datetime.now()
today = now.strftime('%Y年%m月%d')
# 模拟数据
revenue = random.randint(50000, 150000)
result = {
    'msg_type': 'actionCard',
    'title': f'销售日报 | {today}',
    'content': f'''### 今日业绩
| 指标 | 数值 |
|:---:|:---:|
| 销售额 | **¥{revenue:,}** |
| 订单数 | **{random.randint(40, 80)}** |
> 点击查看详情
''',
    'buttons': [
        {'title': '查看详情', 'url': 'https://example.com/report'}
    ]
}
"""


def test_the_functions_are_those_of_the_seed_and_the_added_ones() -> None:
    assert {function.signature for function in FUNCTIONS} == _SEED_SIGNATURES | _ADDED_SIGNATURES


def test_the_docs_describe_every_declared_name() -> None:
    docs = sdk_docs()
    assert set(docs) == {"functions", "variables", "modules", "result_types", "examples"}
    assert [entry["signature"] for entry in docs["functions"]] == [
        function.signature for function in FUNCTIONS
    ]
    assert all(entry["doc"] and entry["doc_zh"] and entry["example"] for entry in docs["functions"])


@pytest.mark.parametrize("example", [function.example for function in FUNCTIONS])
def test_every_example_in_the_docs_is_a_script(example: str) -> None:
    compile(example, "example", "exec")


def test_the_seeds_basic_example_runs_unchanged(run: Run, lines: list[Any]) -> None:
    result = run(_BASIC_EXAMPLE, grants={"ai": lambda prompt, system, model: f"{prompt}/{system}/{model}"})
    assert result.result["title"] == "每日推送"
    assert result.result["content"].endswith("\n\n默认提示词/你是一个助手/deepseek-chat")
    assert lines == [("log", "任务开始执行"), ("log", "任务执行完成")]


def test_the_seeds_card_example_runs_unchanged(run: Run) -> None:
    result = run(_CARD_EXAMPLE).result
    assert result["msg_type"] == "actionCard"
    assert "| 销售额 | **¥" in result["content"]


def test_every_granted_function_reaches_its_grant_by_parameter_names(run: Run) -> None:
    seen: dict[str, Any] = {}

    def recorder(name: str) -> Any:
        def grant(**arguments: Any) -> Any:
            seen[name] = arguments
            return {"status_code": 200, "headers": {}, "content": b""} if name.startswith("http") else None

        return grant

    granted = [function for function in FUNCTIONS if function.is_granted]
    given: dict[str, dict[str, Any]] = {f.name: {p.name: p.name for p in f.parameters} for f in granted}
    given["http_request"] |= {"method": "PUT", "headers": {"X": "y"}, "json": None}
    calls = [f"{name}({', '.join(map(repr, values.values()))})" for name, values in given.items()]
    assert run("\n".join(calls), grants={f.name: recorder(f.name) for f in granted}).error == ""
    assert seen == given


def test_defaults_are_those_of_the_declaration(run: Run) -> None:
    def grant(prompt: str, system: str | None, model: str) -> list[Any]:
        return [prompt, system, model]

    assert run("result = ai('p')", grants={"ai": grant}).result == ["p", None, "deepseek-chat"]


@pytest.mark.parametrize("function", [f for f in FUNCTIONS if f.name != "print"], ids=lambda f: f.name)
def test_wrong_arguments_are_explained_by_the_name_and_signature_of_the_function(
    run: Run, function: Function
) -> None:
    error = run(f"{function.name}(1, nothing_of_this_name=1)").error
    assert f"TypeError: {function.name}(): " in error
    assert error.endswith(f"; it is {function.signature}")


@pytest.mark.parametrize(
    "call", ["get_var()", "get_var('a', 1, 'task', 4)", "get_var(name='a')", "get_param()"]
)
def test_missing_and_superfluous_arguments_are_explained(run: Run, call: str) -> None:
    name = call.partition("(")[0]
    error = run(call, grants={"get_var": lambda **_: None}).error
    assert f"TypeError: {name}(): " in error
    assert f"it is {name}(key, default=None" in error


def test_log_joins_its_values_as_print_does(run: Run, lines: list[Any]) -> None:
    run(
        "log('a', 1, None)\nlog('a', 'b', sep=', ')\nlog(message='by name')\nlog('a', 'b', sep=None)\nlog('')"
    )
    assert lines == [("log", text) for text in ("a 1 None", "a, b", "by name", "a b", "")]


def test_logs_separator_is_refused_in_prints_words(run: Run) -> None:
    assert run("log('a', sep=3)").error.endswith("TypeError: sep must be None or a string, not int")


def test_what_is_not_granted_says_so(run: Run) -> None:
    assert "get_secret() is not granted to this script" in run("get_secret('x')").error
    assert "http_get() is not granted to this script" in run("http_get('x')").error


def test_a_value_that_is_not_json_does_not_end_the_conversation(run: Run) -> None:
    source = (
        "try:\n    set_var('a', {1})\nexcept TypeError as error:\n    result = [str(error), get_var('b')]"
    )
    result = run(source, grants={"set_var": lambda **_: None, "get_var": lambda **_: 7})
    assert result.result == ["set can't be sent as JSON", 7]


def test_a_grants_error_is_caught_by_its_name_and_shows_nothing_of_the_host(run: Run) -> None:
    def grant(**_: Any) -> None:
        raise PermissionError("not yours")

    caught = run(
        "try:\n    get_secret('x')\nexcept PermissionError as error:\n    result = str(error)",
        grants={"get_secret": grant},
    )
    assert caught.result == "not yours"
    error = run("get_secret('x')", grants={"get_secret": grant}).error
    assert error.endswith("PermissionError: not yours")
    assert "test_sdk" not in error


def test_a_grants_own_kind_of_error_keeps_its_name(run: Run) -> None:
    class AddressRefusedError(Exception):
        pass

    def grant(**_: Any) -> None:
        raise AddressRefusedError("10.0.0.1 is private")

    assert run("http_get('http://x')", grants={"http_request": grant}).error.endswith(
        "AddressRefusedError: 10.0.0.1 is private"
    )


def test_a_grant_may_not_give_what_is_not_json(run: Run) -> None:
    assert (
        "TypeError: set can't be sent as JSON"
        in run("get_var('x')", grants={"get_var": lambda **_: {1}}).error
    )


def test_params_come_without_a_call(run: Run) -> None:
    source = "result = [get_param('a'), get_param('b', 2), get_params()]"
    assert run(source, params={"a": [1]}).result == [[1], 2, {"a": [1]}]


def test_a_response_is_what_the_seed_promises(run: Run) -> None:
    def grant(**_: Any) -> dict[str, Any]:
        headers = {"Content-Type": "application/json; charset=gbk"}
        return {
            "status_code": 200,
            "headers": headers,
            "content": '{"名": "值"}'.encode("gbk"),
            "url": "http://x/",
        }

    source = """
r = http_get('http://x')
result = [r.status_code, r.ok, r.headers['content-type'], r.text, len(r.content), r.json(), bool(r), str(r) == r.text]
r.raise_for_status()
"""
    expected = [200, True, "application/json; charset=gbk", '{"名": "值"}', 12, {"名": "值"}, True, True]
    assert run(source, grants={"http_request": grant}).result == expected


def test_a_bad_status_is_false_and_raises_when_asked(run: Run) -> None:
    reply = {"status_code": 503, "headers": {}, "content": b"busy", "url": "http://x/"}
    source = "r = http_post('http://x', data=b'\\xff')\nlog(bool(r))\nr.raise_for_status()"
    sent: list[Any] = []

    def grant(**arguments: Any) -> dict[str, Any]:
        sent.append(arguments["data"])
        return reply

    assert run(source, grants={"http_request": grant}).error.endswith("HTTPError: 503 from http://x/")
    assert sent == [b"\xff"]


@pytest.mark.parametrize("module", [module.name for module in MODULES])
def test_the_seeds_names_are_there_without_import(run: Run, module: str) -> None:
    assert run(f"{module}").error == ""


def test_importing_datetime_still_gives_the_module(run: Run) -> None:
    source = "a = datetime.now()\nimport datetime\nresult = isinstance(a, datetime.datetime)"
    assert run(source).result is True


def test_local_time_is_the_tasks(run: Run) -> None:
    source = """
from datetime import timezone
offset = datetime.now() - datetime.now(timezone.utc).replace(tzinfo=None)
result = [round(offset.total_seconds() / 900), time.localtime().tm_gmtoff, datetime.now().date() <= date.today()]
"""
    assert run(source, context=Context(timezone="Asia/Kathmandu")).result == [23, 20700, True]


def test_the_runs_facts_are_variables(run: Run) -> None:
    context = Context(
        7, "acme", "t-1", "Asia/Shanghai", "2026-01-01T00:00:00+00:00", None, "2026-01-01T08:00:00+08:00"
    )
    source = "result = [task_id, tenant_id, trace_id, due_at.isoformat(), window_start, window_end == due_at]"
    assert run(source, context=context).result == [7, "acme", "t-1", "2026-01-01T08:00:00+08:00", None, True]


@pytest.mark.parametrize("zone", ["../../etc/passwd", "Nowhere/City", "", "/etc/localtime", "Asia"])
def test_only_a_real_time_zone_reaches_the_guest(zone: str) -> None:
    with pytest.raises(ValueError, match="no such time zone"):
        Context(timezone=zone)
