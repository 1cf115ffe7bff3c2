"""Dify apps: workflows, chats and completions."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from common.rules import LONG, Text, web_address_problem
from scheduling.kinds.base import Kind
from scheduling.kinds.template_names import MESSAGE_NAMES, NAMES

DIFY = Kind(
    name="dify",
    label="Dify",
    about=gettext_noop("Runs a Dify app and sends its outputs."),
    queue="io",
    timeout_seconds=1260,
    builder="scheduling.kinds.dify.builder.build",
    needs=("dify_url", "dify_api_key"),
    rules={
        "dify_url": Text(500, find_problem=web_address_problem, is_trimmed=True),
        "dify_api_key": Text(500, is_trimmed=True),
        "dify_workflow_id": Text(64, is_trimmed=True),
        "dify_query": LONG,
        "dify_user": Text(100),
    },
    templates={"dify_query": NAMES, "dify_user": NAMES, "result_template": MESSAGE_NAMES},
    fieldset=(
        "dify_url",
        "dify_api_key",
        ("dify_app_type", "dify_response_mode"),
        "dify_workflow_id",
        "dify_query",
    ),
    advanced=("dify_user", "retry_on_unknown"),
    editors={"dify_query": (3, "jinja")},
    fields="scheduling.kinds.dify.schema.DifyFields",
    shown="scheduling.kinds.dify.schema.DifyShown",
    uses_windows=True,
)
