"""What a task's columns must be: every range, every format and every column that is needed, in one table.

These are the rules of the model. `acts/task_rules.py` judges a task by them, and no task is created or changed past
them in any way. The API's schemas show them. The operator's settings may narrow a range.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.rules import MOMENT, NAME, WEB, Items, Json, OneOf, Range, Rule, Text, web_flaw
from common.strict_json import MalformedJsonError, value_of

DAY, MONTH = 86_400, 2_678_400  # seconds
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HEADER_NAME = Text(
    100, 1, r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$", gettext_lazy("A header's name must not contain spaces.")
)
HEADER_VALUE = Text(
    4000,
    0,
    r"^[\t\x20-\x7e\x80-\xff]*$",
    gettext_lazy("A header's value must be one line of Latin-1 characters."),
)
MAX_HEADERS = 50


def _headers_flaw(text: str) -> str:
    try:
        headers = value_of(text)
    except MalformedJsonError:
        headers = None
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        return _('Write a JSON object: {"name": "value"}.')
    if len(headers) > MAX_HEADERS:
        return _("There are too many entries: the maximum is %(max_length)d.") % {"max_length": MAX_HEADERS}
    for name, value in headers.items():
        if said := HEADER_NAME.flaw(name) or HEADER_VALUE.flaw(value):
            return f"{name}: {said}"
    return ""


LONG = Text(1 << 20)
PARAMETER = Text(100, 1, r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}$")
RULES: dict[str, Rule] = {
    "task_name": NAME,
    "task_desc": Text(500),
    "cron_expression": Text(100),
    "calendar": Text(50),
    "run_at": MOMENT,
    "start_at": MOMENT,
    "end_at": MOMENT,
    "input_params": Json(256 << 10, is_object=True),
    "timeout_seconds": Range(1, DAY, "TASK_MAX_TIMEOUT_SECONDS"),
    "priority": Range(0, 9),
    "misfire_grace_seconds": Range(0, MONTH),
    "retry_count": Range(0, 100),
    "retry_interval": Range(0, DAY),
    "window_start_param": PARAMETER,
    "window_end_param": PARAMETER,
    "window_time_format": Text(50, 1),
    "dify_url": Text(500, reads=web_flaw),
    "dify_api_key": Text(500),
    "dify_workflow_id": Text(64),
    "dify_query": LONG,
    "dify_user": Text(100),
    "webhook_url": WEB,
    "webhook_method": OneOf(METHODS),
    "webhook_headers": Text(1 << 20, reads=_headers_flaw),
    "webhook_body_template": LONG,
    "webhook_secret": Text(500),
    "script_content": LONG,
    "script_deps": LONG,
    "memory_mb": Range(16, 65_536, "SCRIPT_MAX_MEMORY_MB"),
    "cpu_seconds": Range(1, DAY, "SCRIPT_MAX_CPU_SECONDS"),
    "notify_channels": Items(Range(1, 2**63 - 1), 100),
    "result_template": LONG,
    "alert_webhook": WEB,
    "alert_after_failures": Range(1, 1000),
    "alert_max_duration_seconds": Range(1, MONTH),
    "keep_runs_days": Range(1, 36_500),
}
# Only an enabled task has to be complete: a draft may be saved, switched off.
NEEDED = {
    "dify": ("dify_url", "dify_api_key"),
    "webhook": ("webhook_url",),
    "script": ("script_content",),
}
