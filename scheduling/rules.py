"""What a task's columns must be: every range, every format and every column that is needed, in one table.

These are the rules of the model. `acts/task_rules.py` judges a task by them, and no task is created or changed past
them in any way. The API's schemas show them. The operator's settings may narrow a range.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from common.rules import LONG, MOMENT, NAME, WEB, Items, Json, Range, Rule, Text
from scheduling.kinds import KINDS

DAY, MONTH = 86_400, 2_678_400  # seconds

PARAMETER = Text(100, 1, r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}$")
TAG = Text(
    30,
    1,
    r"^[^\s,，、]+( [^\s,，、]+)*$",
    _("A tag is one word or several with single spaces between them, without commas."),
)
RULES: dict[str, Rule] = {
    "task_name": NAME,
    "task_desc": Text(500),
    "tags": Items(TAG, 10, is_unique=True),
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
    "notify_channels": Items(Range(1, 2**63 - 1), 100),
    "result_template": LONG,
    "alert_webhook": WEB,
    "alert_after_failures": Range(1, 1000),
    "alert_max_duration_seconds": Range(1, MONTH),
    "keep_runs_days": Range(1, 36_500),
    **{column: rule for kind in KINDS.values() for column, rule in kind.rules.items()},
}
ADDRESSES = tuple(column for column, rule in RULES.items() if rule is WEB)  # shown with their secrets masked
