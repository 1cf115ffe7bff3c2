"""The markdown that scripts write, converted for each service."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from notifications.markdown.document import Document, Span, Spans, Unit
from notifications.markdown.writer import SOURCE, Dialect, SpanWriter, items_of_table, written
from notifications.markdown.written import Written

FEISHU_TABLES = 4  # in one markdown element
# Scripts use WeCom's names of colors.
DINGTALK_COLOURS = {"info": "#008000", "comment": "#808080", "warning": "#ff8000"}
FEISHU_COLOURS = {"info": "'green'", "comment": "'grey'", "warning": "'orange'"}
ORDINAL = re.compile(r"\d{1,9}[.)]\s")
ONLY_MARKS = re.compile(r"[\s>#*+-]*(\d{1,9}[.)])?\s*")


def has_tables(document: Document) -> bool:
    return document.count("table_open") > 0


def has_many_tables(document: Document) -> bool:
    return document.count("table_open") > FEISHU_TABLES


def has_colours(document: Document) -> bool:
    return document.count("font_open", "mention") > 0


def is_rich(document: Document) -> bool:
    """Return whether the text has what WeCom shows only in markdown_v2: a fence, table, list, picture or divider."""
    lists = ("bullet_list_open", "ordered_list_open")
    return document.count("fence", "table_open", "image", "hr", *lists) > 0


def for_dingtalk(document: Document, *, keeps_tables: bool = False) -> Written:
    """Write DingTalk's markdown.

    Tables become lists because phones don't show them; lines end in two spaces because a lone LF joins them.
    """
    return written(document, DINGTALK_WITH_TABLES if keeps_tables else DINGTALK)


def for_wecom(document: Document) -> Written:
    """Write WeCom's markdown.

    It has headings, bold, links, inline code, quotes and colors, but no tables, pictures, lists or fences.
    """
    return written(document, WECOM)


def for_wecom_v2(document: Document) -> Written:
    """Write WeCom's markdown_v2, which has tables, lists, fences and pictures, but no colors and no mentions."""
    return written(document, WECOM_V2)


def for_feishu(document: Document) -> Written:
    """Write the markdown of a Feishu card, which takes FEISHU_TABLES tables, and no picture by its address."""
    return written(document, FEISHU)


def plain(text: str) -> str:
    """Return the words alone, without marks, for cards that show no markdown."""
    lines = (line.strip() for unit in Document(text).units for line in _plain_lines(unit))
    return "\n".join(filter(None, lines))


def _plain_lines(unit: Unit) -> Iterator[str]:
    match unit.kind:
        case "text":
            ordinal = ORDINAL.search(unit.before)
            yield from ((ordinal[0] if ordinal else "") + _plain_text_of(unit.spans)).split("\n")
        case "table":
            yield from (" · ".join(map(_plain_text_of, values)) for values in items_of_table(unit.rows))
        case "fence":
            yield from unit.code
        case "other":
            yield from (line for line in unit.lines if not ONLY_MARKS.fullmatch(line))


def _plain_text_of(spans: Spans) -> str:
    return "".join(map(_plain_span, spans))


def _plain_span(span: Span) -> str:
    match span.kind:
        case "break":
            return "\n"
        case "code" | "alt":
            return span.value
        case "image" | "strong" | "em" | "link" | "font":
            return _plain_text_of(span.children)
    return span.source


def _inner(span: Span, inner: str) -> str:
    return inner


def _picture_as_link(span: Span, inner: str) -> str:
    return span.opening[1:] if span.children[0].value else f"[{span.value}]({span.value})"


def _coloured(colours: Mapping[str, str]) -> SpanWriter:
    def write(span: Span, inner: str) -> str:
        colour = colours.get(span.value)
        return (f"<font color={colour}>" if colour else span.opening) + inner + span.closing

    return write


DINGTALK = Dialect({"font": _coloured(DINGTALK_COLOURS)}, line_end="  ", tables=0)
DINGTALK_WITH_TABLES = replace(DINGTALK, tables=SOURCE.tables)
WECOM = Dialect({"em": _inner, "image": _picture_as_link}, tables=0, rule="————————", quotes_code=True)
WECOM_V2 = Dialect({"font": _inner, "mention": lambda span, inner: f"@{span.value}"})
FEISHU = Dialect({"font": _coloured(FEISHU_COLOURS), "image": _picture_as_link}, tables=FEISHU_TABLES)
