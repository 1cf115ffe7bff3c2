"""Writes a document as a service reads it: its source, except where the service's dialect differs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from .document import Document, Span, Spans, Unit
from .written import Block, Line, LineWriter, Written

SpanWriter = Callable[[Span, str], str]
MAX_FENCE = 16  # ticks; a fence with more is written line by line, not opened again in each part
TEXT = ("text", "escape")


@dataclass(frozen=True)
class Dialect:
    """How a service's markdown differs from the source.

    `spans`: by kind, the function that writes a span, given its written children. `line_end`: what ends a line.
    `tables`: how many the service shows; in a text with more, each becomes a list. `rule`: what is written for a
    dividing rule, "" for its source. `quotes_code`: a fence is written as a quote.
    """

    spans: Mapping[str, SpanWriter] = field(default_factory=dict)
    line_end: str = ""
    tables: int = sys.maxsize
    rule: str = ""
    quotes_code: bool = False


SOURCE = Dialect()


def written(document: Document, dialect: Dialect = SOURCE) -> Written:
    writer = _Writer(dialect, document.count("table_open") > dialect.tables)
    blocks = list(chain.from_iterable(map(writer.blocks, document.units)))
    if blocks and dialect.line_end:
        blocks[-1] = _ending(blocks[-1], dialect.line_end)
    return Written(tuple(blocks), document.is_cut)


def _ending(block: Block, line_end: str) -> Block:
    """Return the last block without the `line_end` after its last line."""
    *lines, last = block.lines
    return replace(block, lines=(*lines, replace(last, text=last.text.removesuffix(line_end))))


def items_of_table(rows: Iterable[tuple[Spans, ...]]) -> Iterator[list[Spans]]:
    """Yield an item for each row: its values, each after its column's head. Without rows, yield the heads."""
    heads, *others = rows
    label = (Span("text", ": "),)
    for row in others:
        yield [(*name, *label, *value) if name else value for name, value in zip(heads, row, strict=False)]
    if not others:
        yield list(heads)


class _Writer:
    def __init__(self, dialect: Dialect, lists_tables: bool) -> None:
        self.dialect, self.lists_tables = dialect, lists_tables

    def blocks(self, unit: Unit) -> Iterator[Block]:
        if unit.kind == "fence" and not self.dialect.quotes_code and len(unit.mark) <= MAX_FENCE:
            yield Block("fence", tuple(map(Line, unit.lines)), unit.before + unit.mark, unit.before)
        elif unit.kind == "table" and not self.lists_tables:
            yield Block("table", tuple(self._table(unit)))
        else:
            yield from (Block("line", (line,)) for line in self._lines(unit))

    def _lines(self, unit: Unit) -> Iterable[Line]:
        if unit.kind == "fence" and self.dialect.quotes_code:
            return (Line("> " + line) for line in unit.code)
        if unit.kind == "table":
            return (self._item(unit.before, values) for values in items_of_table(unit.rows))
        if unit.kind == "text":
            return self._text(unit)
        if unit.kind == "rule" and self.dialect.rule:
            return (Line(self.dialect.rule),)
        return (self._ended(line) for line in unit.lines)

    def _text(self, unit: Unit) -> Iterator[Line]:
        """Yield the lines of a text; a break inside a mark does not end one."""
        line = LineWriter()
        line.add(unit.before)
        for span in unit.spans:
            before, end, after = span.opening.partition("\n") if span.kind == "break" else ("", "", "")
            line.add(before)
            if end:
                yield line.line(self.dialect.line_end)
                line = LineWriter()
                line.add(after)
            else:
                self._add(line, span)
        line.add(unit.after)
        yield line.line(self.dialect.line_end)

    def _ended(self, text: str) -> Line:
        line = LineWriter()
        line.add(text)
        return line.line(self.dialect.line_end)

    def _item(self, before: str, values: Iterable[Spans]) -> Line:
        line = LineWriter()
        line.add(before + "- ")
        for number, value in enumerate(values):
            line.add(" · " if number else "")
            for span in value:
                self._add(line, span)
        return line.line(self.dialect.line_end)

    def _table(self, unit: Unit) -> Iterator[Line]:
        head, rule, *others = unit.lines
        yield self._row(head, unit.rows[0])
        yield Line(rule)
        yield from map(self._row, others, unit.rows[1:])

    def _row(self, source: str, cells: Iterable[Spans]) -> Line:
        """Return a table's row with its cells written again; a bar in a cell keeps its backslash."""
        line, at = LineWriter(), 0
        for cell in cells:
            old = _escaped("".join(span.source for span in cell))
            start = source.find(old, at)
            if start < 0:  # should not happen, as cells come from the row: then its rest stays as it was
                break
            line.add(source[at:start])
            for span in cell:
                line.add(_escaped(self._span(span)), is_atom=span.kind not in TEXT)
            at = start + len(old)
        line.add(source[at:])
        return line.line()

    def _add(self, line: LineWriter, span: Span) -> None:
        line.add(self._span(span), is_atom=span.kind not in TEXT)

    def _span(self, span: Span) -> str:
        if span.kind == "break":
            return self.dialect.line_end + span.opening
        inner = "".join(map(self._span, span.children))
        if write := self.dialect.spans.get(span.kind):
            return write(span, inner)
        return span.opening + inner + span.closing


def _escaped(cell: str) -> str:
    return cell.replace("|", "\\|")
