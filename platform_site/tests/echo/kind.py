"""Echoes: a run's result is the task's text."""

from __future__ import annotations

from common.rules import Text
from scheduling.kinds.base import Kind

ECHO = Kind(
    name="echo",
    label="Echo",
    about="Returns the task's text.",
    queue="io",
    timeout_seconds=7,
    builder="scheduling.kinds.echo.builder.build",
    needs=("echo_text",),
    rules={"echo_text": Text(20)},
    fieldset=("echo_text",),
    editors={"echo_text": (2, "text")},
    fields="scheduling.kinds.echo.schema.EchoFields",
    shown="scheduling.kinds.echo.schema.EchoShown",
)
