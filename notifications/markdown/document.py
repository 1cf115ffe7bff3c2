"""A parsed text: spans inside lines, and units of lines, each with the source it was made from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from markdown_it.token import Token

from .parser import MAX_CHARACTERS, MAX_NESTING, block_tokens, is_web_address

Kind = Literal["blank", "text", "rule", "fence", "table", "other"]
LINE_START = re.compile(r"\n[ \t]*")
CONTAINER = re.compile(r"[\s>]*")
MARKER = re.compile(r"[^\s>]")
LEAVES = {"text_special": "escape", "softbreak": "break", "hardbreak": "break", "code_inline": "code"}


@dataclass(frozen=True)
class Span:
    """One mark with its contents, or a leaf; `opening`, the children and `closing` are its source.

    Kinds: text, escape, break, word, mention, code, image, and those with children: strong, em, link, font.
    `value`: the escaped character, who is mentioned, the code, a picture's or link's address, the color. A picture
    holds one span "alt", whose value says what it shows.
    """

    kind: str
    opening: str
    children: tuple[Span, ...] = ()
    closing: str = ""
    value: str = ""

    @property
    def source(self) -> str:
        return self.opening + "".join(child.source for child in self.children) + self.closing


Spans = tuple[Span, ...]


@dataclass(frozen=True)
class Unit:
    """Source lines that belong together: a text, a fence, a table, a dividing rule, or lines without text.

    `before` and `after` stand around the spans of a text: the marks of headings, quotes and lists. For a fence or
    table, `before` is what its lines begin with inside quotes and lists. `rows` are those of a table, the head first;
    each cell is spans. `code` are the lines inside a fence, `mark` its ticks. A fence left open is closed.
    """

    kind: Kind
    lines: tuple[str, ...]
    before: str = ""
    after: str = ""
    spans: Spans = ()
    rows: tuple[tuple[Spans, ...], ...] = ()
    code: tuple[str, ...] = ()
    mark: str = ""


class Document:
    """A parsed text; `is_cut`: it was longer than MAX_CHARACTERS, and the rest was not parsed."""

    def __init__(self, text: str) -> None:
        self.is_cut = len(text) > MAX_CHARACTERS
        text = text[:MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n").replace("\0", "\ufffd")
        self.lines = text.split("\n")
        self.tokens = block_tokens(text)

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        """The units of the text, which cover every line once, in order."""
        return tuple(_units(self.tokens, self.lines))

    def count(self, *types: str) -> int:
        """Count the tokens of these types; they are the parser's names."""
        children = (child for token in self.tokens for child in token.children or ())
        return sum(token.type in types for tokens in (self.tokens, children) for token in tokens)


def _units(tokens: Sequence[Token], lines: Sequence[str]) -> Iterator[Unit]:
    at, stream = 0, iter(tokens)
    for token in stream:
        if token.map is None or token.type not in MAKERS:
            continue
        first, last = token.map
        yield from _without_text(lines[at:first])
        yield MAKERS[token.type](token, stream, tuple(lines[first:last]))
        at = last
    yield from _without_text(lines[at:])


def _without_text(lines: Iterable[str]) -> Iterator[Unit]:
    for line in lines:
        yield Unit("other" if line.strip() else "blank", (line,))


def _text(token: Token, stream: Iterator[Token], lines: tuple[str, ...]) -> Unit:
    contents = [line.lstrip(" \t") for line in token.content.split("\n")]
    if len(contents) < len(lines):  # the parser has trimmed away whole lines of ideographic spaces
        return Unit("other", lines)
    first, *others = (line[: line.rfind(content)] for line, content in zip(lines, contents, strict=True))
    last = others[-1] if others else first
    after = lines[-1][len(last) + len(contents[-1]) :]
    return Unit("text", lines, first, after, spans_of(token, others))


def _rule(token: Token, stream: Iterator[Token], lines: tuple[str, ...]) -> Unit:
    return Unit("rule", lines)


def _fence(token: Token, stream: Iterator[Token], lines: tuple[str, ...]) -> Unit:
    before = MARKER.sub(" ", lines[0][: lines[0].find(token.markup)])
    closing = lines[-1].lstrip(" \t>").rstrip()
    is_closed = len(lines) > 1 and len(closing) >= len(token.markup) and not closing.strip(token.markup[0])
    lines = lines if is_closed else (*lines, before + token.markup)
    code = tuple(token.content.removesuffix("\n").split("\n")) if token.content else ()
    return Unit("fence", lines, before, code=code, mark=token.markup)


def _table(token: Token, stream: Iterator[Token], lines: tuple[str, ...]) -> Unit:
    rows = list[list[Spans]]()
    for inner in stream:
        if inner.type == "tr_open":
            rows.append([])
        elif inner.type == "inline":
            rows[-1].append(spans_of(inner))
        elif inner.type == "table_close":
            break
    found = CONTAINER.match(lines[1])
    return Unit("table", lines, found[0] if found else "", rows=tuple(map(tuple, rows)))


MAKERS: dict[str, Callable[[Token, Iterator[Token], tuple[str, ...]], Unit]] = {
    "inline": _text,
    "hr": _rule,
    "fence": _fence,
    "table_open": _table,
}


def spans_of(inline: Token, line_starts: Iterable[str] = ()) -> Spans:
    """Return the tree of an inline token; `line_starts`: what its lines, except the first, begin with in the source.

    The tree is at most MAX_NESTING deep: marks nested deeper are text.
    """
    starts = iter(line_starts)
    opened: list[tuple[Token, str, list[Span]]] = []
    spans, too_deep = list[Span](), 0
    for token in inline.children or ():
        source = LINE_START.sub(lambda _: "\n" + next(starts, ""), _source(token))
        if token.nesting == 1 and len(opened) < MAX_NESTING:
            opened.append((token, source, spans))
            spans = []
        elif token.nesting == -1 and not too_deep:
            begun, opening, around = opened.pop()
            spans, inner = around, spans
            spans.extend(_around(begun, opening, inner, source))
        else:
            too_deep += token.nesting
            spans.extend(_leaf(token, source))
    return tuple(spans)


def _source(token: Token) -> str:
    if token.type == "link_open":
        return "["
    if token.type == "hardbreak":
        return "\\\n"
    return str(token.meta.get("source") or token.markup or token.content)


def _around(token: Token, opening: str, inner: list[Span], closing: str) -> Iterator[Span]:
    """Yield the span of a mark around its contents; a link that leads nowhere becomes text."""
    kind, value = (
        token.type.removesuffix("_open"),
        str(token.attrs.get("href") or token.meta.get("colour", "")),
    )
    if kind == "link" and not is_web_address(value):
        yield from (Span("text", opening), *inner, Span("text", closing))
    else:
        yield Span(kind, opening, tuple(inner), closing, value)


def _leaf(token: Token, source: str) -> Iterator[Span]:
    if token.type == "image" and is_web_address(address := str(token.attrs["src"])):
        yield Span("image", source, (Span("alt", "", value=token.content),), value=address)
    elif token.type in ("mention", "code_inline", "text_special"):
        yield Span(LEAVES.get(token.type, token.type), source, value=token.content)
    elif source:
        yield Span(LEAVES.get(token.type, "word" if token.type == "word" else "text"), source)
