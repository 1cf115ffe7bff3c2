"""Messages for a pager: one line of text."""

from __future__ import annotations

from notifications.messages import Message
from notifications.notes import note
from notifications.render.base import Page, Rendered, title_of

MAX_CHARACTERS = 40


def render(message: Message, page: Page) -> Rendered:
    text = " ".join(f"{title_of(message, page)}: {getattr(message, 'content', '')}".split())
    rendered = Rendered(({"page": text[:MAX_CHARACTERS]},), message.notes)
    return rendered.noting(note("cut")) if len(text) > MAX_CHARACTERS else rendered
