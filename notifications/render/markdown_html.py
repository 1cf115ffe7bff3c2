"""The markdown of chats as HTML that is safe on a page: text is escaped first, marks are found after."""

import re
from collections.abc import Iterable
from html import escape
from itertools import groupby

from notifications.markdown_fit import Block, blocks, cells

# All of these search text that is escaped already: quotes are &quot;, brackets of tags &lt; and &gt;.
CODE = re.compile(r"`([^`\n]{1,300})`")
IMAGE = re.compile(r"!\[([^\[\]\n]{0,300})\]\((https?://[^()\s]{1,4096})\)")
LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\((https?://[^()\s]{1,4096})\)")
BOLD = re.compile(r"\*\*([^*\n]{1,300})\*\*")
ITALIC = re.compile(r"(?<![*\w])\*([^*\s][^*\n]{0,300})\*(?![*\w])")
FONT = re.compile(
    r"&lt;font color=(?:&quot;|&#x27;)?(\#?\w{1,12})(?:&quot;|&#x27;)?&gt;([^\n]{0,500}?)&lt;/font&gt;"
)
MENTION = re.compile(
    r"&lt;@([\w.@-]{1,64})&gt;|&lt;at (?:user_)?id=(?:&quot;)?(\w{1,64})(?:&quot;)?&gt;&lt;/at&gt;"
)
HEADING = re.compile(r"(#{1,6})\s+(.*)")
ITEM = re.compile(r"\s{0,20}(?:[-*+]|\d{1,9}[.)])\s+(.*)")
COLOURS = {
    "#008000": "info",
    "#808080": "comment",
    "#ff8000": "warning",
    "green": "info",
    "grey": "comment",
    "orange": "warning",
}


def to_html(markdown: str) -> str:
    made = []
    for kind, group in groupby(blocks(markdown), key=_kind):
        made.append(WRITERS[kind](list(group)))
    return "".join(made)


def inline(text: str) -> str:
    """One line, its marks turned into tags."""
    pieces = CODE.split(escape(text))
    return "".join(f"<code>{piece}</code>" if n % 2 else _marked(piece) for n, piece in enumerate(pieces))


def _marked(escaped: str) -> str:
    escaped = IMAGE.sub(r'<img src="\2" alt="\1" referrerpolicy="no-referrer" loading="lazy">', escaped)
    escaped = LINK.sub(r'<a href="\2" target="_blank" rel="noopener noreferrer">\1</a>', escaped)
    escaped = FONT.sub(
        lambda m: f'<span class="c-{COLOURS.get(m[1], m[1].lstrip("#"))}">{m[2]}</span>', escaped
    )
    escaped = MENTION.sub(lambda m: f'<span class="c-at">@{m[1] or m[2]}</span>', escaped)
    return ITALIC.sub(r"<i>\1</i>", BOLD.sub(r"<b>\1</b>", escaped))


def _kind(block: Block) -> str:
    line = block.lines[0].strip()
    if block.kind != "line":
        return block.kind
    if ITEM.match(line):
        return "list"
    return "quote" if line.startswith(">") else "line"


def _fences(fences: Iterable[Block]) -> str:
    return "".join(f"<pre>{escape(chr(10).join(fence.lines[1:-1]))}</pre>" for fence in fences)


def _tables(tables: Iterable[Block]) -> str:
    return "".join(
        f"<table>{_row(table.lines[0], 'th')}{''.join(_row(line, 'td') for line in table.lines[2:])}</table>"
        for table in tables
    )


def _row(line: str, tag: str) -> str:
    return f"<tr>{''.join(f'<{tag}>{inline(cell)}</{tag}>' for cell in cells(line))}</tr>"


def _list(items: Iterable[Block]) -> str:
    texts = (ITEM.sub(r"\1", item.lines[0].rstrip()) for item in items)
    return f"<ul>{''.join(f'<li>{inline(text)}</li>' for text in texts)}</ul>"


def _quote(lines: Iterable[Block]) -> str:
    texts = (line.lines[0].strip().lstrip(">").strip() for line in lines)
    return f"<blockquote>{'<br>'.join(map(inline, texts))}</blockquote>"


def _lines(lines: Iterable[Block]) -> str:
    return "".join(_line(line.lines[0].strip()) for line in lines)


def _line(line: str) -> str:
    if re.fullmatch(r"([-*_])\1{2,}|—{3,}", line):
        return "<hr>"
    if heading := HEADING.fullmatch(line):
        return f"<h{len(heading[1])}>{inline(heading[2])}</h{len(heading[1])}>"
    return f"<p>{inline(line)}</p>" if line else ""


WRITERS = {"fence": _fences, "table": _tables, "list": _list, "quote": _quote, "line": _lines}
