"""What a task's columns must be: every range, every form and every "needs", in one table.

`engine/flaws.py` judges a task by it: no task is created or changed past it, by whatever way. The API's schemas
show it. The operator's settings may narrow a range.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Range:
    """Both ends included. `setting`: the operator's maximum, where that is less."""

    minimum: int
    maximum: int
    setting: str = ""

    def flaw(self, value: int) -> str:
        """Return what is wrong in words; "" where nothing is."""
        if value < self.minimum:
            return _("This must be at least %(ge)s.") % {"ge": self.minimum}
        if value > self.maximum:
            return _("This must be at most %(le)s.") % {"le": self.maximum}
        if self.setting and value > (most := getattr(settings, self.setting)):
            text = _("This must be at most %(most)d: the operator allows no more (%(setting)s).")
            return text % {"most": most, "setting": self.setting}
        return ""


DAY, MONTH = 86_400, 2_678_400  # seconds

RANGES = {
    "timeout_seconds": Range(1, DAY, "TASK_MAX_TIMEOUT_SECONDS"),
    "priority": Range(0, 9),
    "misfire_grace_seconds": Range(0, MONTH),
    "retry_count": Range(0, 100),
    "retry_interval": Range(0, DAY),
    "memory_mb": Range(16, 65_536, "SCRIPT_MAX_MEMORY_MB"),
    "cpu_seconds": Range(1, DAY, "SCRIPT_MAX_CPU_SECONDS"),
    "alert_after_failures": Range(1, 1000),
    "alert_max_duration_seconds": Range(1, MONTH),
    "keep_runs_days": Range(1, 36_500),
}
NAME_OF_PARAMETER = r"^[A-Za-z_][A-Za-z0-9_.-]{0,99}$"
FORMS = {"window_start_param": NAME_OF_PARAMETER, "window_end_param": NAME_OF_PARAMETER}
LONG = 1 << 20  # characters
LENGTHS = {
    "window_time_format": (1, 50),
    "dify_api_key": (0, 500),
    "webhook_secret": (0, 500),
    "webhook_url": (0, 2000),
    "alert_webhook": (0, 2000),
    **dict.fromkeys(
        ("dify_query", "webhook_body_template", "script_content", "script_deps", "result_template"), (0, LONG)
    ),
}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Only an enabled task has to be complete: a draft may be saved, switched off.
NEEDED = {
    "dify": ("dify_url", "dify_api_key"),
    "webhook": ("webhook_url",),
    "script": ("script_content",),
}


def flaw(column: str, value: Any) -> str:
    """Return what is wrong with a task's column in words; "" where nothing is. None stands for the default."""
    if value is None:
        return ""
    if column in RANGES:
        return RANGES[column].flaw(value)
    if column in FORMS and not re.fullmatch(FORMS[column], value):
        return _("This does not have the form %(pattern)s.") % {"pattern": FORMS[column]}
    if column in LENGTHS:
        return _length_flaw(value, *LENGTHS[column])
    if column == "webhook_method" and value not in METHODS:
        return _("This must be one of: %(expected)s.") % {"expected": ", ".join(METHODS)}
    return ""


def _length_flaw(text: str, minimum: int, maximum: int) -> str:
    if len(text) < minimum:
        return _("At least %(min_length)d characters are needed.") % {"min_length": minimum}
    if len(text) > maximum:
        return _("At most %(max_length)d characters are taken.") % {"max_length": maximum}
    return ""


COLUMNS = (*RANGES, *FORMS, *LENGTHS, "webhook_method")
