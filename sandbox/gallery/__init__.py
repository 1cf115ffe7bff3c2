"""Scripts to start from: everyday tasks that run as they are once their parameters name the reader's own things."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

_SCRIPTS = Path(__file__).parent / "scripts"


@dataclass(frozen=True)
class Example:
    """A script with its dependencies (`script_deps`) and parameters (`input_params`)."""

    name: str
    title: str
    title_zh: str
    description: str
    description_zh: str
    parameters: dict[str, Any]
    parameters_zh: dict[str, Any]
    dependencies: str = ""

    @property
    def script(self) -> str:
        return (_SCRIPTS / f"{self.name}.py").read_text(encoding="utf-8")


EXAMPLES = (
    Example(
        "site_check",
        "Site check",
        "网站巡检",
        "Asks some addresses and sends a message when one goes down and when it is back, otherwise none.",
        "访问若干网址，某个网站不可用或恢复时发送消息，没有变化时不发送。",
        {"title": "Sites", "urls": ["https://example.com/"]},
        {"title": "网站状态", "urls": ["https://example.com/"]},
    ),
    Example(
        "sql_report",
        "Daily SQL report with a picture",
        "带图的 SQL 日报",
        "Sends yesterday's figures as a table and, if picture_channel names a WeCom robot, a bar chart to its group. "
        "Only WeCom takes a picture from a script; DingTalk shows one that has a public address. "
        "Needs a data source.",
        "把昨天的数据以表格发送；如果参数里填写了一个企微机器人渠道，再向它的群发送一张柱状图。"
        "只有企微接收脚本生成的图片，钉钉只能显示有公网地址的图片。需要数据源。",
        {
            "title": "Sales",
            "sql": "SELECT city, SUM(amount) AS total FROM orders WHERE day = %(day)s "
            "GROUP BY city ORDER BY total DESC",
            "picture_channel": "",
        },
        {
            "title": "销售日报",
            "sql": "SELECT city AS `城市`, SUM(amount) AS `销售额` FROM orders WHERE day = %(day)s "
            "GROUP BY city ORDER BY `销售额` DESC",
            "picture_channel": "",
        },
        "matplotlib>=3.8,<4",
    ),
    Example(
        "rss_digest",
        "RSS digest by AI",
        "AI 整理的 RSS 摘要",
        "Reads feeds, lets the AI model summarise what is new since the last run, and sends nothing if nothing is.",
        "读取订阅源，由 AI 模型概括上次运行以来的新内容；没有新内容时不发送。",
        {
            "title": "News",
            "feeds": ["https://planetpython.org/rss20.xml"],
            "instructions": "Summarise these articles as a Markdown list: one sentence each, with its link.",
        },
        {
            "title": "资讯摘要",
            "feeds": ["https://planetpython.org/rss20.xml"],
            "instructions": "用中文把这些文章概括成 Markdown 列表：每篇一句话，并附上链接。",
        },
        "feedparser>=6,<7",
    ),
    Example(
        "excel_report",
        "Excel report as a file",
        "Excel 报表文件",
        "Writes the rows of a query into a workbook and sends it to the group of the WeCom robot in file_channel: "
        "DingTalk and Feishu robots take no files. Needs a data source.",
        "把查询结果写入 Excel 文件，发送到参数里所填企微机器人渠道的群：钉钉和飞书机器人不接收文件。需要数据源。",
        {
            "title": "Orders",
            "sql": "SELECT * FROM orders WHERE day = %(day)s",
            "summary": "{count} orders",
            "file": "orders",
            "file_channel": "wecom",
        },
        {
            "title": "订单",
            "sql": "SELECT * FROM orders WHERE day = %(day)s",
            "summary": "共 {count} 笔订单",
            "file": "订单",
            "file_channel": "企微群",
        },
        "openpyxl>=3.1,<4",
    ),
    Example(
        "dify_check",
        "Dify quality check",
        "Dify 质量检查",
        "Asks a Dify task of the same tenant some questions and reports which expected words are missing in the "
        "answers. input is the name of the app's input.",
        "向同一租户的 Dify 任务提问，报告回答里缺少哪些应有的词。请在参数里填写应用输入变量的名称。",
        {
            "title": "Quality",
            "app": "Assistant",
            "input": "query",
            "cases": [{"question": "When are you open?", "expected": ["9", "18"]}],
        },
        {
            "title": "质量检查",
            "app": "客服助手",
            "input": "query",
            "cases": [{"question": "营业时间是几点？", "expected": ["9", "18"]}],
        },
    ),
)
