"""Secrets known by their value, in every dress a program is likely to print them in."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

from .shapes import mask_shapes
from .urls import MASK

MIN_LENGTH = 4  # "1" or "yes" as a secret would blacken every text
HIDDEN_KEYS = frozenset({"sys.user_id"})  # as `mask_shapes` does in text: the user name is a tenant's
_MIN_BASE64 = 8


class Masker:
    """Masks these values, and whatever `mask_shapes` knows. Values under 4 characters are left alone."""

    def __init__(self, values: Iterable[str]) -> None:
        forms = {form for value in values if len(value) >= MIN_LENGTH for form in _forms(value)}
        self._forms = sorted(forms, key=len, reverse=True)

    def holds(self, text: str) -> bool:
        """Does one of the values stand there?"""
        return any(form in text for form in self._forms)

    def mask(self, text: str, shapes: Callable[[str], str] = mask_shapes) -> str:
        return shapes(self._mask_values(text))

    def mask_tree(self, value: Any, shapes: Callable[[str], str] = mask_shapes) -> Any:
        """The same for every text in a JSON value, keys included."""
        if isinstance(value, str):
            return self.mask(value, shapes)
        if isinstance(value, dict):
            return {
                self.mask_tree(k, shapes): MASK if k in HIDDEN_KEYS else self.mask_tree(v, shapes)
                for k, v in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.mask_tree(item, shapes) for item in value]
        return value

    def _mask_values(self, text: str) -> str:
        spans = sorted(span for form in self._forms if form in text for span in _occurrences(form, text))
        if not spans:
            return text
        pieces, end = [], 0
        for start, stop in spans:
            # Values that overlap in the text are one black bar: cutting out the longer one first
            # would leave the rest of the other readable.
            if start >= end:
                pieces += [text[end:start], MASK]
            end = max(end, stop)
        return "".join([*pieces, text[end:]])


def _occurrences(form: str, text: str) -> Iterator[tuple[int, int]]:
    start = text.find(form)
    while start >= 0:
        yield start, start + len(form)
        start = text.find(form, start + 1)


def _forms(value: str) -> Iterator[str]:
    raw = value.encode("utf-8", "surrogatepass")
    yield value
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield json.dumps(json.dumps(value)[1:-1])[1:-1]  # Dify's run detail has its inputs as JSON inside JSON
    yield repr(value)[1:-1]
    yield quote(raw)
    yield quote(raw, safe="")
    yield quote_plus(raw)
    for encoded in _base64_forms(raw):
        yield encoded
        yield encoded.replace("+", "-").replace("/", "_")


def _base64_forms(raw: bytes) -> Iterator[str]:
    """Alone, and as a part of something longer ("user:" + password), where it may begin at three places."""
    yield b64encode(raw).decode().rstrip("=")
    for offset in range(3):
        encoded = b64encode(bytes(offset) + raw).decode()
        first = (0, 2, 3)[offset]  # the characters before hold bits of the bytes before
        certain = encoded[first : (offset + len(raw)) * 8 // 6]
        if len(certain) >= _MIN_BASE64:
            yield certain
