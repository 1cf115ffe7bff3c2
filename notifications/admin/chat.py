"""Messages as the chat will show them, for the admin's pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext as _

from notifications.channel_types import CHANNEL_TYPES
from notifications.messages import read
from notifications.models import Delivery, Destination
from notifications.render import Page
from notifications.render.base import Payload
from notifications.render.preview import STYLE_FILE, preview
from notifications.sending import keeps_tables, note_texts

# Links open in windows of their own, to which the sandbox does not apply.
SANDBOX = "allow-same-origin allow-popups allow-popups-to-escape-sandbox"


def sample_html(row: Destination) -> str:
    """Render a report as a script might send it to this channel or app."""
    page = Page(keeps_tables=keeps_tables(row))
    return _rendered({"title": _("Daily report"), "content": _sample_text()}, row.kind, page)


def _sample_text() -> str:
    heading, orders, returns = _("Yesterday"), _("orders"), _("returns")
    table = f"| {orders} | {returns} |\n|---|---|\n| **1,284** | **12** |"
    return f"## {heading}\n{table}\n\n[{_('Open the report')}](https://example.com)"


def delivery_html(delivery: Delivery) -> str:
    """Show what was sent or, before it is rendered, what will be. Return "" where there is nothing to show."""
    if delivery.request:
        return _html(delivery.request["payloads"])
    return _rendered(
        delivery.message, delivery.channel_type, Page(keeps_tables=keeps_tables(delivery.channel))
    )


def notes_text(delivery: Delivery) -> str:
    return "\n".join(note_texts(delivery.notes))


def _rendered(result: Any, kind: str, page: Page = Page()) -> str:  # noqa: B008  it is frozen
    message = read(result)
    if message is None:
        return ""
    channel_type = CHANNEL_TYPES[kind]
    return _html(channel_type.render(message, page).payloads if channel_type.renderer else [result])


def _html(payloads: Iterable[Payload]) -> str:
    """Return a frame whose sandbox lets no script run. It has our origin, so that the page can read its height."""
    return format_html(
        '<iframe class="message" sandbox="{}" title="{}" srcdoc="{}"></iframe>',
        SANDBOX,
        _("Preview of the chat message"),
        f'<!doctype html><link rel="stylesheet" href="{static(STYLE_FILE)}">{preview(payloads)}',
    )
