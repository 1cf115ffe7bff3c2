"""WeCom's cards: text_notice, news_notice, and an application's button_interaction."""

from collections.abc import Sequence
from typing import Any

from notifications.markdown.document import Document
from notifications.markdown.sizes import shorten
from notifications.messages import ActionCard, Button, Message, Row, TemplateCard
from notifications.notes import Note, note

from .base import Page, Rendered, buttons_as_list, joined, keyed_left_out, rows_as_list, title_of
from .dialects import plain
from .wecom_text import Kind, as_markdown, with_mentions

CARD_TITLE, CARD_TEXT = 26, 112  # characters; more is shown as an ellipsis
ROWS, JUMPS, BUTTONS = 6, 3, 6


def action_card(message: ActionCard, page: Page, kind: Kind) -> Rendered:
    if _is_short(message, page):
        return _notice(message, message.content, message.buttons, page, kind)
    content = joined(message.content, buttons_as_list(message.buttons))
    rendered = as_markdown(message, content, page, kind)
    return rendered.noting(note("sent_as", kind="actionCard", instead="markdown"))


def _is_short(card: ActionCard, page: Page) -> bool:
    has_blocks = Document(card.content).count("image", "fence", "table_open") > 0
    return (
        1 <= len(card.buttons) <= JUMPS
        and not has_blocks
        and len(plain(card.content)) <= CARD_TEXT
        and len(title_of(card, page)) <= CARD_TITLE
    )


def template_card(message: TemplateCard, page: Page, kind: Kind) -> Rendered:
    if kind.is_app and message.card_type == "button_interaction" and message.buttons:
        return _button_interaction(message, page, kind)
    rendered = _notice(message, message.content, message.buttons, page, kind)
    if message.card_type == "button_interaction":
        rendered = rendered.noting(note("sent_as", kind="button_interaction", instead="text_notice"))
    return rendered.noting(*keyed_left_out(message.buttons))


def _notice(
    message: ActionCard | TemplateCard, content: str, buttons: Sequence[Button], page: Page, kind: Kind
) -> Rendered:
    """Render a text_notice or news_notice, or markdown where there is no address to open."""
    rows = message.rows if isinstance(message, TemplateCard) else ()
    jumps = [button for button in buttons if button.url]
    url = jumps[0].url if jumps else message.url or page.url
    if not url:
        rendered = as_markdown(message, joined(content, rows_as_list(rows)), page, kind)
        return rendered.noting(note("needs_url", kind="template_card", instead="markdown"))
    card, notes = _card(message, content, rows, page)
    card["card_action"] = {"type": 1, "url": url}
    if jumps:
        card["jump_list"] = [{"type": 1, "title": shorten(j.title, 120), "url": j.url} for j in jumps[:JUMPS]]
    if left := len(jumps[JUMPS:]):
        notes.append(note("items_left_out", count=left, kind="jump_list"))
    rendered = Rendered(({"msgtype": "template_card", "template_card": card},), tuple(notes))
    return with_mentions(rendered, message, page, kind)


def _card(
    message: Message, content: str, rows: Sequence[Row], page: Page
) -> tuple[dict[str, Any], list[Note]]:
    """Return the members that all types of card have (type, title, text and rows), and notes of what was left out."""
    wants_picture = isinstance(message, TemplateCard) and message.card_type == "news_notice"
    text, notes = plain(content), []
    if len(text) > CARD_TEXT:
        text = text[: CARD_TEXT - 1] + "…"
        notes.append(note("cut"))
    card: dict[str, Any] = {"card_type": "text_notice", "main_title": {"title": title_of(message, page)}}
    if wants_picture and message.picture:
        card |= {"card_type": "news_notice", "card_image": {"url": message.picture}}
        if text:
            card["vertical_content_list"] = [_vertical(text)]
    elif text:
        card["sub_title_text"] = text
    if wants_picture and not message.picture:
        notes.append(note("needs_picture", kind="news_notice", instead="text_notice"))
    if rows:
        card["horizontal_content_list"] = [_row(row) for row in rows[:ROWS]]
    if left := len(rows[ROWS:]):
        notes.append(note("items_left_out", count=left, kind="horizontal_list"))
    return card, notes


def _vertical(text: str) -> dict[str, str]:
    """Return a member whose title is the text's first line, with the whole text below where there is more.

    The service requires a title of one line.
    """
    title = text.partition("\n")[0][:CARD_TITLE]
    return {"title": title} if title == text else {"title": title, "desc": text}


def _row(row: Row) -> dict[str, Any]:
    member: dict[str, Any] = {"keyname": shorten(row.name, 120), "value": shorten(row.value, 512)}
    return member | {"type": 1, "url": row.url} if row.url else member


def _button_interaction(message: TemplateCard, page: Page, kind: Kind) -> Rendered:
    """Render a button_interaction. Its `task_id` must be unique: the sender adds one where the script gave none."""
    card, notes = _card(message, message.content, message.rows, page)
    card["card_type"] = "button_interaction"
    card["button_list"] = [_button(button) for button in message.buttons[:BUTTONS]]
    if message.task_id:
        card["task_id"] = message.task_id
    if url := message.url or page.url:
        card["card_action"] = {"type": 1, "url": url}
    if left := len(message.buttons[BUTTONS:]):
        notes.append(note("items_left_out", count=left, kind="button_list"))
    return Rendered(({"msgtype": "template_card", "template_card": card},), tuple(notes))


def _button(button: Button) -> dict[str, Any]:
    text = {"text": shorten(button.title, 120)}
    return text | ({"type": 1, "url": button.url} if button.url else {"key": shorten(button.key, 1024)})
