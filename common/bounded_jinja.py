"""Jinja for templates that strangers wrote: its sandbox, and a bound on the work that one rendering does.

Jinja's sandbox bounds `range` and nothing else: nested loops run for hours without a character of output, and a
value that is doubled forty times fills all memory. So whatever a template does is charged to a budget: passes of
loops, calls, and the size of each value that goes into or comes out of a filter, test, operator or comparison.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sized
from contextvars import ContextVar
from functools import wraps
from math import prod
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, Undefined, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_WORK = 256 << 20  # about a second: characters that are looked at or copied, or what costs as much
ELEMENT, STEP = 32, 2048  # what an element of a list, a pass of a loop or a call costs, in characters
MOST_GROWN = 16 << 20  # characters that one call may make
MOST_BITS = 10_000  # of a number

# Their result can be as long as their operand and arguments multiplied; it is judged before it is made.
GROWING = frozenset({"replace", "join", "center", "ljust", "rjust", "zfill", "expandtabs", "indent"})
# A width of four digits, or one that is given as a value: "%9999d", "%*d", "{:9999}", "{:{w}}"
WIDE_FORMAT = re.compile(r"%[^a-zA-Z%]*(?:\d{4}|\*)|\{[^}]*(?:\d{4}|\{)")


class TooMuchWork(SecurityError):
    pass


_left: ContextVar[int] = ContextVar("work left to a rendering")


def begin() -> None:
    """Before each rendering."""
    _left.set(MOST_WORK)


def _spend(work: int) -> None:
    left = _left.get(MOST_WORK) - work
    _left.set(left)
    if left < 0:
        raise TooMuchWork("the template does too much work")


def _weighed(value: Any) -> Any:
    """The value, paid for; an iterator pays as it goes."""
    if isinstance(value, str):
        _spend(len(value))
    elif isinstance(value, Iterator):
        return _paying(value, ELEMENT)
    elif isinstance(value, Sized) and not isinstance(value, Undefined):
        _spend(ELEMENT * len(value))
    return value


def _passes(value: Any, price: int) -> Any:
    """What a loop runs over; a pass costs the same whatever branch it takes."""
    if isinstance(value, Sized):
        _spend(price * len(value))
        return value
    return _paying(iter(value), price)


def _paying(items: Iterator[Any], price: int) -> Iterator[Any]:
    for item in items:
        _spend(price)
        yield item


def _refuse_growth(name: str, values: tuple[Any, ...]) -> None:
    if name in GROWING and prod(max(1, _size(value)) for value in values) > MOST_GROWN:
        raise TooMuchWork(f"{name} would make far too long a text")
    if name == "format" and WIDE_FORMAT.search(str(values[0])):
        raise TooMuchWork("a format with such a width is not allowed")


def _size(value: Any) -> int:
    if isinstance(value, int):
        return abs(value)
    if isinstance(value, list | tuple):
        return sum(len(item) if isinstance(item, Sized) else 1 for item in value)
    return len(value) if isinstance(value, str) else 1


def measured(name: str, function: Any) -> Any:
    """A filter or a test. Some take Jinja's context before their operand, which weighs nothing."""

    @wraps(function)
    def paid(*arguments: Any, **named: Any) -> Any:
        _spend(STEP)
        values = tuple(a for a in (*arguments, *named.values()) if isinstance(a, str | int | list | tuple))
        for value in values:
            _weighed(value)
        _refuse_growth(name, values)
        return _weighed(function(*arguments, **named))

    return paid


def _is_large_product(left: Any, right: Any) -> bool:
    if isinstance(left, Sized) or isinstance(right, Sized):
        return _size(left) * _size(right) > MOST_GROWN // ELEMENT
    return sum(side.bit_length() for side in (left, right) if isinstance(side, int)) > MOST_BITS


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    intercepted_binops = frozenset({"+", "*", "**", "%"})

    def __init__(self) -> None:
        super().__init__(
            undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, finalize=_weighed
        )
        self.filters = {name: measured(name, function) for name, function in self.filters.items()}
        self.filters |= {"weighed": _weighed, "passes": _passes}
        self.tests = {name: measured(name, function) for name, function in self.tests.items()}
        del self.globals["lipsum"]

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "**" or (operator == "*" and _is_large_product(left, right)):
            raise TooMuchWork(f"{operator} of such large values is not allowed")
        if operator == "%" and isinstance(left, str):
            _refuse_growth("format", (left,))
        return _weighed(super().call_binop(context, operator, left, right))

    def call(self, context: Any, obj: Any, /, *arguments: Any, **named: Any) -> Any:
        _spend(STEP)
        _refuse_growth(
            getattr(obj, "__name__", ""), (getattr(obj, "__self__", 1), *arguments, *named.values())
        )
        return _weighed(super().call(context, obj, *arguments, **named))

    def wrap_str_format(self, value: Any) -> Any:
        found = super().wrap_str_format(value)
        if found is not None:
            _refuse_growth("format", (value.__self__,))
        return found

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        for loop in tree.find_all(nodes.For):
            _charge_passes(loop)
        for compared in tree.find_all((nodes.Compare, nodes.Operand)):
            assert isinstance(compared, nodes.Compare | nodes.Operand)
            compared.expr = _filtered(compared.expr, "weighed")
        for joined in tree.find_all(nodes.Concat):
            joined.nodes = [_filtered(node, "weighed") for node in joined.nodes]
        for part in tree.find_all(nodes.Getitem):
            if isinstance(part.arg, nodes.Slice):
                part.node = _filtered(part.node, "weighed")
        tree.set_environment(self)
        return tree


def _charge_passes(loop: nodes.For) -> None:
    if loop.recursive:
        raise TemplateSyntaxError("recursive loops are not allowed", loop.lineno)
    assert isinstance(loop.iter, nodes.Expr)
    loop.iter = _filtered(loop.iter, "passes", STEP + _length(loop))


def _filtered(node: nodes.Expr, name: str, *arguments: int) -> nodes.Expr:
    given: list[nodes.Expr] = [nodes.Const(value, lineno=node.lineno) for value in arguments]
    return nodes.Filter(node, name, given, [], None, None, lineno=node.lineno)


def _length(loop: nodes.For) -> int:
    """Of the text that stands in it: a pass may copy it all."""
    plain = sum(len(found.data) for found in loop.find_all(nodes.TemplateData))
    return plain + sum(
        len(found.value) for found in loop.find_all(nodes.Const) if isinstance(found.value, str)
    )
