"""The functions that a script may call."""

from __future__ import annotations

from sandbox.declarations.parts import KIB, MIB, Function, Parameter


def _required(*names: str) -> tuple[Parameter, ...]:
    return tuple(Parameter(name) for name in names)


_URL = Parameter("url", max_bytes=8 * KIB)
_HEADERS = Parameter("headers", None, 64 * KIB)
_PARAMS = Parameter("params", None, 64 * KIB)
_DATA, _JSON = Parameter("data", None, 5 * MIB), Parameter("json", None, 5 * MIB)
_TIMEOUT = Parameter("timeout", None)
_REQUESTS_TOTAL = 256 * MIB
_TEXT = Parameter("content", max_bytes=256 * KIB)
# Queued messages become rows of the database.
_MESSAGES_TOTAL = 16 * MIB


FUNCTIONS = (
    Function(
        "log",
        (Parameter("message"), Parameter("more", takes_rest=True), Parameter("sep", " ")),
        "Writes a line to the run's log; several values are joined as print does.",
        "写一行运行日志；多个值像 print 那样连接。",
        "log('orders:', 3)",
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
        (_URL, _HEADERS, _PARAMS, _TIMEOUT),
        "HTTP GET, as http_request does it.",
        "HTTP GET 请求，其余同 http_request。",
        "rows = http_get('https://example.com/api', params={'page': 1}).json()",
        is_granted=False,
        made_of="http_request",
        max_total_bytes=_REQUESTS_TOTAL,
    ),
    Function(
        "http_post",
        (_URL, _DATA, _JSON, _HEADERS, _TIMEOUT),
        "HTTP POST with a body of data or json, as http_request does it.",
        "HTTP POST 请求，正文为 data 或 json，其余同 http_request。",
        "http_post('https://example.com/api', json={'name': 'x'}).raise_for_status()",
        is_granted=False,
        made_of="http_request",
        max_total_bytes=_REQUESTS_TOTAL,
    ),
    Function(
        "http_request",
        (Parameter("method"), _URL, _HEADERS, _PARAMS, _DATA, _JSON, _TIMEOUT),
        "Makes an HTTP request with any method: 5 MiB, public addresses only. data is a form (a dict or a list of "
        "pairs), text, bytes or an open file; json is sent as JSON. timeout is the longest wait, in seconds, to "
        "connect and then for each further byte, or (connect, read); a request takes at most 30 seconds, or timeout "
        "if that is longer. Returns a response with status_code, ok, reason, headers, cookies, encoding (may be set), "
        "text, content, json(), elapsed, url, history and raise_for_status().",
        "以任意方法发起 HTTP 请求：最大 5 MiB，仅限公网地址。data 可以是表单（字典或键值对列表）、文本、bytes "
        "或打开的文件；json 以 JSON 发送。timeout 是建立连接、以及之后等待每个字节的最长秒数，也可写成"
        "（连接, 读取）；一次请求最长 30 秒，timeout 更长时以 timeout 为准。返回的响应有 status_code、ok、"
        "reason、headers、cookies、encoding（可赋值）、text、content、json()、elapsed、url、history、"
        "raise_for_status()。",
        "http_request('PUT', 'https://example.com/api/7', json={'name': 'x'}, timeout=10).raise_for_status()",
        max_total_bytes=_REQUESTS_TOTAL,
    ),
    Function(
        "http_session",
        (_HEADERS,),
        "Returns a session, whose requests share cookies and headers: session.get, .post, .put, .patch, .delete, "
        ".head, .options and .request take what http_request takes, and allow_redirects; session.cookies and "
        "session.headers may be changed.",
        "返回一个会话，其请求共享 cookies 和 headers：session.get、.post、.put、.patch、.delete、.head、.options、"
        ".request 的参数同 http_request，另有 allow_redirects；session.cookies 和 session.headers 可以修改。",
        "site = http_session(headers={'User-Agent': 'reports'})\n"
        "site.post('https://example.com/login', data={'user': 'x', 'password': get_secret('SITE')})\n"
        "page = site.get('https://example.com/orders').text",
        is_granted=False,
        made_of="http_request",
        max_total_bytes=_REQUESTS_TOTAL,
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
