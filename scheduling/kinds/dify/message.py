"""The message that a run's outputs make for the task's channels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from scheduling.execution import Occasion, RunContext, is_over_for_messages
from scheduling.kinds.dify.client.files import links_of
from scheduling.kinds.dify.config import DifyConfig
from scheduling.kinds.dify.outputs import ShownField, shown
from scheduling.kinds.template_names import names_of
from scheduling.templates import render

MESSAGE_KEYS = {"msg_type", "content", "links", "articles"}
TEXT_KEYS = ("text", "answer", "result", "output")  # what Dify's own nodes and templates call it


def message_of(
    outputs: Mapping[str, Any], config: DifyConfig, occasion: Occasion, context: RunContext
) -> Any:
    """Return the message, or None if there is nothing to send.

    A template may render JSON (a message as scripts make them) or text (markdown). Without one, the message is the
    outputs where they are a message already, else the text among them, else their values, each under its name. Files
    follow as links.
    Raises scheduling.templates.TemplateError, also where no time is left.
    """
    if config.result_template:
        names = names_of(occasion, config.window_time_format, outputs=dict(outputs))
        is_over = partial(is_over_for_messages, context)
        text = render(config.result_template, names, occasion.tenant_id, is_over)
        return _of_text(text, occasion)
    if MESSAGE_KEYS & set(outputs):
        return _with_links(outputs)
    full = {name: value for name, value in outputs.items() if value not in (None, "", [], {})}
    links = _links(full)
    fields = shown({name: value for name, value in full.items() if name not in links}, context)
    main = [
        field for name in TEXT_KEYS for field in fields if field.name == name and _is_text(field, outputs)
    ]
    if main or len(fields) == 1:
        blocks = [_quoted((main or fields)[0], outputs)]
    else:
        blocks = [f"**{field.name}**\n\n{_quoted(field, outputs)}" for field in fields]
    blocks += [link for found in links.values() for link in found]
    return {"title": occasion.task_name, "content": "\n\n".join(blocks)} if blocks else None


def _with_links(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return the message with its files as links below its content. A message without content shows no files."""
    links, content = _links(message), message.get("content")
    if not links or not isinstance(content, str):
        return dict(message)
    blocks = [content, *(link for found in links.values() for link in found)]
    rest = {name: value for name, value in message.items() if name not in links}
    return {**rest, "content": "\n\n".join(filter(None, blocks))}


def _links(outputs: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the links of those outputs that are files, by name."""
    return {name: links for name, value in outputs.items() if value and (links := links_of(value))}


def _of_text(text: str, occasion: Occasion) -> Any:
    try:
        made = json.loads(text)
    except (ValueError, RecursionError):
        made = None
    if isinstance(made, dict):
        return made
    return {"title": occasion.task_name, "content": text} if text.strip() else None


def _is_text(field: ShownField, outputs: Mapping[str, Any]) -> bool:
    return isinstance(outputs[field.name], str)


def _quoted(field: ShownField, outputs: Mapping[str, Any]) -> str:
    text = field.text if _is_text(field, outputs) else f"```\n{field.text}\n```"
    return f"{text}\n\n… {field.size:,} characters in total" if field.is_cut else text
