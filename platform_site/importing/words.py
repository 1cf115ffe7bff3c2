"""A plan in words, marked like a diff: + is new, ~ is changed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from common.line_diff import unified
from platform_site.importing.step import Step

LONG_COLUMNS = ("script_content", "webhook_body_template", "result_template", "dify_query")
MARKS = {"create": "+", "update": "~"}


def plan_lines(steps: Sequence[Step]) -> Iterator[str]:
    """Yield the plan line by line; the last line holds the counts."""
    for step in steps:
        if step.act != "keep":
            yield f"{MARKS[step.act]} {step.name}"
            for column, (old, new) in step.fields.items():
                yield from _field_lines(column, old, new)
    count = {act: sum(step.act == act for step in steps) for act in ("create", "update", "keep")}
    yield f"{count['create']} to create, {count['update']} to change, {count['keep']} as they are."


def _field_lines(column: str, old: Any, new: Any) -> Iterator[str]:
    if column in LONG_COLUMNS and old and new:
        yield f"    {column}:"
        for line in list(unified(old.splitlines(), new.splitlines(), "", ""))[2:]:
            yield f"      {line}"
        return
    yield f"    {column}: {_short(old)} -> {_short(new)}"


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 200 else f"{text[:199]}…"
