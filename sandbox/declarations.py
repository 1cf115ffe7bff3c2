"""The SDK, declared once: the guest builds its functions from this, the host checks calls against it, and the
documentation and the editor's completion are generated from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REQUIRED = object()


KIB, MIB = 1 << 10, 1 << 20


@dataclass(frozen=True)
class Parameter:
    """A parameter. The host limits each value to `max_bytes`: of a text as UTF-8, of anything else as JSON."""

    name: str
    default: Any = REQUIRED
    max_bytes: int = 4 * KIB

    def __str__(self) -> str:
        return self.name if self.default is REQUIRED else f"{self.name}={self.default!r}"


@dataclass(frozen=True)
class Function:
    """A function of the SDK.

    `is_granted`: the host answers the call, if it passed a grant of this name; otherwise the guest answers by itself.
    `max_total_bytes` limits the values of all calls of one run together.
    """

    name: str
    parameters: tuple[Parameter, ...]
    doc: str
    doc_zh: str
    example: str
    is_granted: bool = True
    max_total_bytes: int = 64 * MIB

    @property
    def signature(self) -> str:
        return f"{self.name}({', '.join(map(str, self.parameters))})"


@dataclass(frozen=True)
class Variable:
    name: str
    doc: str
    doc_zh: str


@dataclass(frozen=True)
class Module:
    """A name that scripts have without an import. `source` is module, or module:attribute."""

    name: str
    source: str
    example: str


@dataclass(frozen=True)
class ResultType:
    name: str
    doc: str
    doc_zh: str
    example: str


def _required(*names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name) for name in names)


_HEADERS = Parameter("headers", None, 64 * KIB)
_TEXT = Parameter("content", max_bytes=256 * KIB)
# Queued messages become rows of the database.
_MESSAGES_TOTAL = 16 * MIB


FUNCTIONS = (
    Function(
        "log",
        _required("message"),
        "Writes a line to the run's log.",
        "写一行运行日志。",
        "log('started')",
        is_granted=False,
    ),
    Function(
        "print",
        _required("message"),
        "Python's own print; its lines appear live in the run's output.",
        "即 Python 的 print，输出会实时显示。",
        "print('total:', 3)",
        is_granted=False,
    ),
    Function(
        "ai",
        (
            Parameter("prompt", max_bytes=MIB),
            Parameter("system", None, 256 * KIB),
            Parameter("model", "deepseek-chat"),
        ),
        "Asks the AI model and returns its text. Tokens are counted on the run.",
        "调用 AI 模型，返回文本；消耗的 token 计入本次运行。",
        "text = ai('Summarise: ...', system='You are brief.')",
    ),
    Function(
        "dingtalk",
        (Parameter("webhook_url"), _TEXT, Parameter("title", "通知")),
        "Queues a markdown message to a DingTalk robot; returns {'delivery_id': ...}.",
        "向钉钉机器人发送 Markdown 消息（直接发送，不经过 result），返回 {'delivery_id': ...}。",
        "dingtalk('https://oapi.dingtalk.com/robot/send?access_token=...', '### Done')",
        max_total_bytes=_MESSAGES_TOTAL,
    ),
    Function(
        "wecom",
        (Parameter("webhook_url"), _TEXT),
        "Queues a markdown message to a WeCom robot; returns {'delivery_id': ...}.",
        "向企微机器人发送 Markdown 消息（直接发送，不经过 result），返回 {'delivery_id': ...}。",
        "wecom('https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=...', 'Done')",
        max_total_bytes=_MESSAGES_TOTAL,
    ),
    Function(
        "notify",
        (
            Parameter("message", max_bytes=3 * MIB),  # a picture of 2 MiB, the robots' limit, as base64
            Parameter("channel", None),
        ),
        "Queues a message to a channel by id or name, or to all channels of the task; returns {'delivery_id': ...}.",
        "向指定渠道（ID 或名称）发送消息，省略 channel 则发往任务的全部渠道。",
        "notify({'title': 'Warning', 'content': 'stock is low'}, channel='ops')",
        max_total_bytes=_MESSAGES_TOTAL,
    ),
    Function(
        "http_get",
        (Parameter("url", max_bytes=8 * KIB), _HEADERS, Parameter("params", None, 64 * KIB)),
        "HTTP GET: 30 seconds, 5 MiB, public addresses only. Returns a response with status_code, ok, headers, "
        "text, content, json() and raise_for_status().",
        "HTTP GET 请求：30 秒、5 MiB，仅限公网地址。返回的响应有 status_code、ok、headers、text、content、json()、"
        "raise_for_status()。",
        "rows = http_get('https://example.com/api', params={'page': 1}).json()",
    ),
    Function(
        "http_post",
        (
            Parameter("url", max_bytes=8 * KIB),
            Parameter("data", None, 5 * MIB),
            Parameter("json", None, 5 * MIB),
            _HEADERS,
        ),
        "HTTP POST with a form or text body (data) or a JSON body (json); limits and response as http_get.",
        "HTTP POST 请求，data 为表单或文本，json 为 JSON 正文；限制与响应同 http_get。",
        "http_post('https://example.com/api', json={'name': 'x'}).raise_for_status()",
        max_total_bytes=256 * MIB,
    ),
    Function(
        "db_query",
        (
            Parameter("sql", max_bytes=64 * KIB),
            Parameter("params", None, MIB),
            Parameter("source", None),
        ),
        "Runs one SELECT on a data source and returns the rows as dicts: read-only, at most 10,000 rows, 30 seconds.",
        "在数据源上执行一条只读 SELECT，以字典列表返回，最多 10,000 行、30 秒。",
        "rows = db_query('SELECT name FROM customers WHERE city = %s', ['上海'])",
    ),
    Function(
        "get_var",
        (Parameter("key"), Parameter("default", None, 64 * KIB), Parameter("scope", "task")),
        "Reads a value kept by an earlier run; scope 'tenant' is shared by the tenant's tasks.",
        "读取以前的运行保存的变量；scope='tenant' 时租户内共享。",
        "seen = get_var('last_id', 0)",
    ),
    Function(
        "set_var",
        (Parameter("key"), Parameter("value", max_bytes=64 * KIB), Parameter("scope", "task")),
        "Keeps a JSON value of at most 64 KiB, which must hold no secret, for later runs.",
        "保存变量（JSON，最大 64 KiB，不得包含密钥），供以后的运行读取。",
        "set_var('last_id', 42)",
        max_total_bytes=16 * MIB,
    ),
    Function(
        "del_var",
        (Parameter("key"), Parameter("scope", "task")),
        "Removes a kept value.",
        "删除变量。",
        "del_var('last_id')",
    ),
    Function(
        "get_param",
        (Parameter("key"), Parameter("default", None)),
        "One of the run's parameters.",
        "获取单个任务参数。",
        "prompt = get_param('prompt', 'hello')",
        is_granted=False,
    ),
    Function(
        "get_params",
        (),
        "All of the run's parameters, as a dict.",
        "获取全部任务参数（字典）。",
        "for name, value in get_params().items(): log(f'{name}={value}')",
        is_granted=False,
    ),
    Function(
        "get_tenants",
        (),
        "The tenants that this task may see: [{'code', 'name'}, ...].",
        "获取本任务可见的租户：[{'code', 'name'}, ...]。",
        "codes = [tenant['code'] for tenant in get_tenants()]",
    ),
    Function(
        "get_tenant_config",
        _required("tenant_id", "app_code", "key"),
        "A value of a tenant's configuration, or None.",
        "获取租户配置的值，没有则为 None。",
        "url = get_tenant_config(tenant_id, 'crm', 'base_url')",
    ),
    Function(
        "get_all_tenant_configs",
        _required("app_code", "key"),
        "The same configuration key of all visible tenants: {code: value}.",
        "获取所有租户的同一配置：{租户编码: 值}。",
        "for code, url in get_all_tenant_configs('crm', 'base_url').items(): log(code)",
    ),
    Function(
        "get_secret",
        _required("key"),
        "A secret; its value is masked in output, errors and result.",
        "获取密钥；其值在输出、错误和结果中会被脱敏。",
        "token = get_secret('CRM_TOKEN')",
    ),
    Function(
        "progress",
        _required("done", "total"),
        "Shows on the run's page how far the script has come.",
        "在运行页面显示进度。",
        "progress(3, 10)",
    ),
    Function(
        "dify",
        (Parameter("inputs", max_bytes=MIB), Parameter("app", None)),
        "Runs a Dify task of the same tenant (by name) and returns its outputs.",
        "运行同一租户的 Dify 任务（按名称），返回其 outputs。",
        "outputs = dify({'topic': 'weather'}, app='Daily brief')",
    ),
)

VARIABLES = (
    Variable("task_id", "ID of the task.", "当前任务 ID"),
    Variable("tenant_id", "Code of the tenant; None for a global task.", "当前租户 ID，全局任务为 None"),
    Variable("trace_id", "ID of this run in all logs.", "追踪 ID"),
    Variable(
        "due_at",
        "When the run was due: a datetime in the task's time zone, or None.",
        "应执行时间（任务时区），可能为 None",
    ),
    Variable(
        "window_start",
        "Start of the data window, included: a datetime, or None.",
        "数据窗口起点（含），可能为 None",
    ),
    Variable(
        "window_end",
        "End of the data window, excluded: a datetime, or None.",
        "数据窗口终点（不含），可能为 None",
    ),
    Variable(
        "result",
        "Set it: what the run gives back, sent to the task's channels.",
        "由脚本赋值：运行结果，会发送到任务的渠道",
    ),
)

MODULES = (
    Module("datetime", "datetime:datetime", "datetime.now(), datetime.strptime()"),
    Module("date", "datetime:date", "date.today()"),
    Module("timedelta", "datetime:timedelta", "timedelta(days=1)"),
    Module("time", "time", "time.sleep(), time.time()"),
    Module("json", "json", "json.dumps(), json.loads()"),
    Module("re", "re", "re.search(), re.match()"),
    Module("math", "math", "math.ceil(), math.floor()"),
    Module("random", "random", "random.randint(), random.choice()"),
    Module("hashlib", "hashlib", "hashlib.md5()"),
    Module("base64", "base64", "base64.b64encode()"),
)

RESULT_TYPES = (
    ResultType(
        "markdown",
        "Markdown; the default.",
        "Markdown（默认）",
        "result = {'title': '标题', 'content': '**内容**'}",
    ),
    ResultType("text", "Plain text.", "纯文本", "result = {'msg_type': 'text', 'content': '内容'}"),
    ResultType(
        "actionCard",
        "DingTalk card with buttons.",
        "钉钉交互卡片",
        "result = {'msg_type': 'actionCard', 'title': '标题', 'content': '正文', 'btn_orientation': '1', "
        "'buttons': [{'title': '查看', 'url': 'https://...'}]}",
    ),
    ResultType(
        "feedCard",
        "DingTalk list of links with pictures.",
        "钉钉信息流",
        "result = {'msg_type': 'feedCard', 'links': [{'title': '标题', 'url': 'https://...', 'pic_url': 'https://...'}]}",
    ),
    ResultType(
        "link",
        "DingTalk link.",
        "钉钉链接消息",
        "result = {'msg_type': 'link', 'title': '标题', 'content': '描述', 'url': 'https://...', 'pic_url': 'https://...'}",
    ),
    ResultType(
        "news",
        "WeCom articles.",
        "企微图文消息",
        "result = {'msg_type': 'news', 'articles': [{'title': '标题', 'description': '描述', 'url': 'https://...', "
        "'picurl': 'https://...'}]}",
    ),
    ResultType(
        "template_card",
        "WeCom card: text_notice, news_notice or button_interaction.",
        "企微模板卡片",
        "result = {'msg_type': 'template_card', 'card_type': 'text_notice', 'title': '标题', 'content': '内容', "
        "'horizontal_list': [{'keyname': '申请人', 'value': '张三'}], "
        "'jump_list': [{'type': 1, 'title': '查看详情', 'url': 'https://...'}]}",
    ),
)


def sdk_docs() -> dict[str, list[dict[str, Any]]]:
    """Return the body of `GET /api/scheduled-tasks/sdk-docs`, which the editor's completion uses as well."""
    return {
        "functions": [
            {
                "name": f.name,
                "signature": f.signature,
                "doc": f.doc,
                "doc_zh": f.doc_zh,
                "example": f.example,
                "max_bytes": {p.name: p.max_bytes for p in f.parameters} if f.is_granted else {},
                "max_total_bytes": f.max_total_bytes if f.is_granted else None,
            }
            for f in FUNCTIONS
        ],
        "variables": [{"name": v.name, "doc": v.doc, "doc_zh": v.doc_zh} for v in VARIABLES],
        "modules": [{"name": m.name, "source": m.source, "example": m.example} for m in MODULES],
        "result_types": [
            {"name": r.name, "doc": r.doc, "doc_zh": r.doc_zh, "example": r.example} for r in RESULT_TYPES
        ],
    }
