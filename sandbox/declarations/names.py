"""What a script has besides functions: variables, modules, and the kinds of `result`."""

from __future__ import annotations

from sandbox.declarations.parts import Module, ResultType, Variable

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
