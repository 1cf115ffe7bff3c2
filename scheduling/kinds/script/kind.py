"""Python scripts in the sandbox."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from common.rules import LONG, Range
from scheduling.kinds.base import Kind

DAY = 86_400  # seconds

SCRIPT = Kind(
    name="script",
    label=_("Python script"),
    about=gettext_noop("Runs a Python script in the sandbox."),
    queue="script",
    timeout_seconds=300,
    builder="scheduling.worker.script_executor.build",
    needs=("script_content",),
    rules={
        "script_content": LONG,
        "script_deps": LONG,
        "memory_mb": Range(16, 65_536, "SCRIPT_MAX_MEMORY_MB"),
        "cpu_seconds": Range(1, DAY, "SCRIPT_MAX_CPU_SECONDS"),
    },
    fieldset=("script_content", "script_deps"),
    limits=(("memory_mb", "cpu_seconds"),),
    editors={"script_content": (18, "python"), "script_deps": (2, "text")},
    fields="scheduling.kinds.script.schema.ScriptFields",
    shown="scheduling.kinds.script.schema.ScriptShown",
    ends_with_lease=True,
)
