"""Webhooks: one HTTP request."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from common.rules import LONG, WEB, OneOf, Text
from common.strict_json import MalformedJsonError, parse_json
from scheduling.kinds.base import Kind
from scheduling.kinds.template_names import NAMES
from scheduling.kinds.webhook.success_condition import MAX_LENGTH, condition_problem

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


def _headers_problem(text: str) -> str:
    try:
        headers = parse_json(text)
    except MalformedJsonError:
        headers = None
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        return _('Write a JSON object: {"name": "value"}.')
    if len(headers) > MAX_HEADERS:
        return _("There are too many entries: the maximum is %(max_length)d.") % {"max_length": MAX_HEADERS}
    for name, value in headers.items():
        if problem := HEADER_NAME.problem_with(name) or HEADER_VALUE.problem_with(value):
            return f"{name}: {problem}"
    return ""


WEBHOOK = Kind(
    name="webhook",
    label="Webhook",
    about=gettext_noop(
        "Makes one HTTP request; a 2xx is a success if its answer meets the success condition."
    ),
    queue="io",
    timeout_seconds=30,
    builder="scheduling.kinds.webhook.builder.build",
    needs=("webhook_url",),
    rules={
        "webhook_url": WEB,
        "webhook_method": OneOf(METHODS),
        "webhook_headers": Text(1 << 20, find_problem=_headers_problem),
        "webhook_body_template": LONG,
        "webhook_success_condition": Text(MAX_LENGTH, find_problem=condition_problem),
        "webhook_secret": Text(500),
    },
    templates={"webhook_body_template": NAMES},
    fieldset=(
        ("webhook_method", "webhook_url"),
        "webhook_headers",
        "webhook_body_template",
        "webhook_success_condition",
    ),
    advanced=("webhook_secret",),
    editors={"webhook_headers": (3, "json"), "webhook_body_template": (5, "jinja")},
    fields="scheduling.kinds.webhook.schema.WebhookFields",
    shown="scheduling.kinds.webhook.schema.WebhookShown",
)
