"""The markdown of chats as HTML: only marks that the parser has paired become tags, all else is escaped."""

from collections.abc import Callable, Iterable
from html import escape

from markdown_it.token import Token

from notifications.markdown.document import Document, Span, spans_of
from notifications.markdown.parser import MENTION

BLOCKS = {"p", "blockquote", "ul", "ol", "li", "table", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6"}
COLOURS = {
    "#008000": "info",
    "#808080": "comment",
    "#ff8000": "warning",
    "green": "info",
    "grey": "comment",
    "orange": "warning",
}


def to_html(markdown: str) -> str:
    return "".join(map(_block, Document(markdown).tokens))


def mentions(text: str) -> str:
    """Return the HTML of a text that is no markdown, with its mentions marked."""
    html, at = "", 0
    for found in MENTION.finditer(text):
        html += escape(text[at : found.start()]) + _mention(found["user"] or found["id"])
        at = found.end()
    return html + escape(text[at:])


def anchor(address: str, html: str, css: str = "") -> str:
    """Return a link. `address` must be a web address; the parser lets no other through."""
    named = f'class="{css}" ' if css else ""
    return f'<a {named}href="{escape(address)}" target="_blank" rel="noopener noreferrer">{html}</a>'


def picture(address: str, alt: str = "") -> str:
    return f'<img src="{escape(address)}" alt="{escape(alt)}" referrerpolicy="no-referrer" loading="lazy">'


def _block(token: Token) -> str:
    if token.type == "inline":
        return _spans(spans_of(token))
    if token.type == "fence":
        return f"<pre>{escape(token.content.removesuffix(chr(10)))}</pre>"
    if token.type == "hr":
        return "<hr>"
    if token.hidden or token.tag not in BLOCKS:  # hidden in lists of one-line items; thead and tbody
        return ""
    if token.nesting < 0:
        return f"</{token.tag}>"
    start = token.attrs.get("start")
    return f'<{token.tag} start="{int(start)}">' if start is not None else f"<{token.tag}>"


def _spans(spans: Iterable[Span]) -> str:
    return "".join(WRITERS.get(span.kind, _text)(span) for span in spans)


def _text(span: Span) -> str:
    return escape(span.opening)


def _value(span: Span) -> str:
    return escape(span.value)


def _mention(who: str) -> str:
    return f'<span class="c-at">@{escape(who)}</span>'


def _link(span: Span) -> str:
    return anchor(span.value, _spans(span.children))


def _font(span: Span) -> str:
    """Return a span whose class in the style sheet is the color's name, which consists of letters and digits."""
    colour = COLOURS.get(span.value, span.value.lstrip("#"))
    return f'<span class="c-{colour}">{_spans(span.children)}</span>'


WRITERS: dict[str, Callable[[Span], str]] = {
    "strong": lambda span: f"<b>{_spans(span.children)}</b>",
    "em": lambda span: f"<i>{_spans(span.children)}</i>",
    "code": lambda span: f"<code>{escape(span.value)}</code>",
    "break": lambda span: "<br>",
    "mention": lambda span: _mention(span.value),
    "link": _link,
    "image": lambda span: picture(span.value, span.children[0].value),
    "font": _font,
    "escape": _value,
}
