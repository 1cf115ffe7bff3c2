"""Secrets recognized by their value, in one pass that costs the same for three of them and for three hundred."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from . import shapes as known_shapes
from .forms import MIN_LENGTH, forms
from .shapes import mask_shapes
from .urls import MASK

HIDDEN_KEYS = frozenset({"sys.user_id"})  # a tenant's user name, which `mask_shapes` masks in text
_PIECES = (1024, 256, 64)  # characters
_LOOK_AROUND = 4 * _PIECES[0]  # searched on each side of a cut: a longer secret is recognized by a part
# Text from outside may be limited to this where it is read, before it can be masked: what is kept or shown of it is far
# less, and is cut by `Masker.cut`.
MAX_UNCUT = 32 << 10

Gram = tuple[str, ...]


class Masker:
    """Masks these values, and the secrets that `mask_shapes` knows. Values under 4 characters are left alone.

    A form of up to 64 characters is one piece, a longer one is divided into pieces of 64, 256 or 1024. Only the hashes
    of pieces are kept: a tenant's secrets may be megabytes, and have a dozen forms each.
    """

    def __init__(self, values: Iterable[str] = ()) -> None:
        self._known: set[int] = set()
        self._pieces: set[int] = set()
        self._lengths: dict[Gram, tuple[int, ...]] = {}  # of the pieces that begin with it, the longest first
        for value in values:
            self.add(value)

    def add(self, value: str) -> None:
        """Add a value that is masked from now on, too; one that is known already costs nothing."""
        if hash(value) in self._known:
            return
        self._known.add(hash(value))
        for piece in {piece for form in set(forms(value)) for piece in _pieces(form)}:
            self._add_piece(piece)

    def holds(self, text: str) -> bool:
        """Return whether the text holds one of the values."""
        return any(True for _ in self._spans(text))

    def mask(self, text: str, shapes: Callable[[str], str] = mask_shapes) -> str:
        return shapes(self._mask_values(text))

    def cut(self, text: str, max_characters: int, last: int = 0) -> str:
        """Return the first `max_characters` of a longer text and its `last` ones, without cutting a secret in two.

        The result must still be masked. A secret that stands across a cut is left out; the rest of the text costs
        nothing.
        """
        if len(text) <= max_characters + last:
            return text
        start = next(
            (a for a, b in self._bars(text[: max_characters + _LOOK_AROUND]) if a < max_characters < b),
            max_characters,
        )
        if not last:
            return text[:start]
        tail = text[-last - _LOOK_AROUND :]
        at = len(tail) - last
        end = next((b for a, b in self._bars(tail) if a < at < b), at)
        return f"{text[:start]}\n…\n{tail[end:]}"

    def mask_tree(self, value: Any, shapes: Callable[[str], str] = mask_shapes) -> Any:
        """Mask every text in a JSON value, keys included, and each number that is a secret."""
        if isinstance(value, str):
            return self.mask(value, shapes)
        if isinstance(value, dict):
            return {
                self.mask_tree(k, shapes): MASK if k in HIDDEN_KEYS else self.mask_tree(v, shapes)
                for k, v in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.mask_tree(item, shapes) for item in value]
        if isinstance(value, int | float) and self._is_secret(value):
            return MASK
        return value

    def _is_secret(self, value: float) -> bool:
        return bool(self._pieces) and not isinstance(value, bool) and self._mask_values(repr(value)) == MASK

    def _add_piece(self, piece: str) -> None:
        self._pieces.add(hash(piece))
        begin = tuple(piece[:MIN_LENGTH])
        lengths = self._lengths.get(begin, ())
        if len(piece) not in lengths:
            self._lengths[begin] = tuple(sorted((*lengths, len(piece)), reverse=True))

    def _mask_values(self, text: str) -> str:
        kept, end = list[str](), 0
        for start, stop in self._spans(text):
            # Values that overlap in the text become one mask, and so do the pieces of one value.
            if start > end or not kept:
                kept += [text[end:start], MASK]
            end = max(end, stop)
        return "".join([*kept, text[end:]])

    def _bars(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each secret, known by value or by shape; those that overlap are one."""
        first, end = 0, 0
        for start, stop in sorted([*self._spans(text), *known_shapes.spans(text)]):
            if start >= end:
                yield first, end
                first = start
            end = max(end, stop)
        yield first, end

    def _spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the start and end of each piece in the text, sorted by start; at each start only the longest."""
        begins = self._lengths
        if not begins or begins.keys().isdisjoint(
            _grams(text)
        ):  # true of nearly every text, and three times as fast as the loop
            return
        starts = [(at, begins[gram]) for at, gram in enumerate(_grams(text)) if gram in begins]
        for at, lengths in starts:
            for length in lengths:
                if at + length <= len(text) and hash(text[at : at + length]) in self._pieces:
                    yield at, at + length
                    break


def _grams(text: str) -> Iterator[Gram]:
    """Return the `MIN_LENGTH` characters from each position of the text on."""
    return zip(*(text[start:] for start in range(MIN_LENGTH)), strict=False)


def _pieces(form: str) -> Iterator[str]:
    """Yield pieces that cover the form; the last one ends where the form ends."""
    size = next((size for size in _PIECES if len(form) > size), len(form))
    for start in range(0, len(form) - size, size):
        yield form[start : start + size]
    yield form[len(form) - size :]
