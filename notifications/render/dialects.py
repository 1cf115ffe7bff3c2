"""The markdown that scripts write, as each service reads it. Every pattern is linear: see markdown_fit."""

import re
from collections.abc import Iterable
from itertools import chain

from notifications.markdown_fit import Block, blocks, cells

IMAGE = re.compile(r"!\[([^\[\]\n]{0,300})\]\(([^()\s]{1,2048})\)")
LINK = re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\s]{0,2048}\)")
ITALIC = re.compile(r"(?<![*\w])\*(?![*\s])([^*\n]{1,300})(?<!\s)\*(?![*\w])")
FONT = re.compile(r"</?font[^<>\n]{0,100}>", re.IGNORECASE)
COLOUR = re.compile(r"<font color=[\"']?(info|comment|warning)[\"']?>")
MENTION = re.compile(r"<@([\w.@-]{1,64})>")
LIST_ITEM = re.compile(r"\s{0,20}([-*+]|\d{1,9}[.)])\s")
DIVIDER = re.compile(r"\s{0,20}([-*_])(\s{0,4}\1){2,80}\s*")
MARKS = re.compile(r"^\s{0,20}(#{1,6}|>{1,20}|[-*+])\s|[*`]{1,3}")
FEISHU_TABLES = 4  # in one markdown element
# Scripts use WeCom's names.
DINGTALK_COLOURS = {"info": "#008000", "comment": "#808080", "warning": "#ff8000"}
FEISHU_COLOURS = {"info": "green", "comment": "grey", "warning": "orange"}


def has_tables(text: str) -> bool:
    return any(block.kind == "table" for block in blocks(text))


def has_colours(text: str) -> bool:
    return bool(FONT.search(text) or MENTION.search(text))


def is_rich(text: str) -> bool:
    """Has what WeCom shows in markdown_v2 only: a fence, a table, a list, a picture, a divider."""
    return "![" in text or any(
        block.kind != "line" or LIST_ITEM.match(block.lines[0]) or DIVIDER.fullmatch(block.lines[0])
        for block in blocks(text)
    )


def for_dingtalk(text: str) -> str:
    """Tables become lists: phones don't show them. A lone LF joins lines, so lines end in two spaces."""
    made = [
        "\n".join(block.lines if block.kind == "fence" else map(_dingtalk_line, _without_table(block)))
        for block in blocks(text)
    ]
    return "\n".join(made).rstrip(" ")


def for_wecom(text: str) -> str:
    """markdown: headings, bold, links, inline code, quotes, colours; not tables, pictures, lists, fences."""
    return "\n".join(chain.from_iterable(map(_wecom_lines, blocks(text))))


def for_wecom_v2(text: str) -> str:
    """markdown_v2: tables, lists, fences, pictures; not colours and mentions."""
    return "\n".join(
        "\n".join(block.lines) if block.kind == "fence" else _wecom_v2_text("\n".join(block.lines))
        for block in blocks(text)
    )


def for_feishu(text: str) -> str:
    """A card's markdown takes a few tables, and no picture by its address."""
    as_lists = has_many_tables(text)
    return "\n".join(
        "\n".join(_feishu_lines(_without_table(block) if as_lists else block.lines, block.kind))
        for block in blocks(text)
    )


def table_as_list(rows: tuple[str, ...]) -> list[str]:
    """An item a row, each value under its column's head."""
    heads = cells(rows[0])
    items = []
    for row in rows[2:]:
        labelled = [
            f"{name}: {value}" if name else value for name, value in zip(heads, cells(row), strict=False)
        ]
        items.append("- " + " · ".join(labelled))
    return items or ["- " + " · ".join(heads)]


def plain(text: str) -> str:
    """The words alone, without marks: for cards that show no markdown."""
    text = LINK.sub(r"\1", FONT.sub("", text))
    lines = (MARKS.sub("", line).strip() for line in text.split("\n"))
    return "\n".join(filter(None, lines))


def has_many_tables(text: str) -> bool:
    return sum(block.kind == "table" for block in blocks(text)) > FEISHU_TABLES


def _feishu_lines(lines: Iterable[str], kind: str) -> Iterable[str]:
    return lines if kind == "fence" else map(_feishu_line, lines)


def _feishu_line(line: str) -> str:
    return COLOUR.sub(lambda m: f"<font color='{FEISHU_COLOURS[m[1]]}'>", _picture_as_link(line))


def _without_table(block: Block) -> Iterable[str]:
    return table_as_list(block.lines) if block.kind == "table" else block.lines


def _dingtalk_line(line: str) -> str:
    line = COLOUR.sub(lambda m: f"<font color={DINGTALK_COLOURS[m[1]]}>", line).rstrip(" ")
    return f"{line}  " if line else line


def _wecom_lines(block: Block) -> Iterable[str]:
    if block.kind == "fence":
        return ["> " + line for line in block.lines[1:-1]]
    return map(_wecom_line, _without_table(block))


def _wecom_line(line: str) -> str:
    if DIVIDER.fullmatch(line):
        return "————————"
    return ITALIC.sub(r"\1", _picture_as_link(line))


def _wecom_v2_text(text: str) -> str:
    return MENTION.sub(r"@\1", FONT.sub("", text))


def _picture_as_link(line: str) -> str:
    return IMAGE.sub(lambda m: f"[{m[1] or m[2]}]({m[2]})", line)
