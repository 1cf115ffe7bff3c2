"""Differences between two texts of lines, found in a time that hostile texts can't stretch."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import Match, SequenceMatcher

# The finest difference takes time quadratic in the lines, and more if many of them are equal.
MAX_PRODUCT = 4_000_000  # of the two counts of lines: 2,000 lines each
MAX_PAIRS = 100_000  # pairs of equal lines


class LineMatcher(SequenceMatcher[str]):
    """The standard library's matcher, except for texts beyond the limits.

    In those it matches only lines that each text has once, and the lines beside them.
    """

    def __init__(self, old: Sequence[str], new: Sequence[str]) -> None:
        super().__init__(None, old, new, autojunk=False)
        self.old, self.new = old, new

    def get_matching_blocks(self) -> list[Match]:
        return super().get_matching_blocks() if _is_cheap(self.old, self.new) else _coarse(self.old, self.new)


def unified(old: Sequence[str], new: Sequence[str], old_name: str, new_name: str) -> Iterator[str]:
    """Yield the lines of a unified diff; none if nothing differs."""
    groups = list(LineMatcher(old, new).get_grouped_opcodes(3))
    if groups:
        yield from (f"--- {old_name}", f"+++ {new_name}")
    for group in groups:
        _, from_old, _, from_new, _ = group[0]
        _, _, to_old, _, to_new = group[-1]
        yield f"@@ -{_range(from_old, to_old)} +{_range(from_new, to_new)} @@"
        for tag, i, j, k, m in group:
            if tag == "equal":
                yield from (f" {line}" for line in old[i:j])
            else:
                yield from (f"-{line}" for line in old[i:j])
                yield from (f"+{line}" for line in new[k:m])


def _range(start: int, stop: int) -> str:
    """Return a range as `diff -u` writes it: an empty one names the line before it, a single line has no length."""
    length = stop - start
    return f"{start + (length > 0)}" + ("" if length == 1 else f",{length}")


def _is_cheap(old: Sequence[str], new: Sequence[str]) -> bool:
    if len(old) * len(new) > MAX_PRODUCT:
        return False
    count = Counter(new)
    return sum(count[line] for line in old) <= MAX_PAIRS


def _coarse(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    blocks, at_old, at_new = list[Match](), 0, 0
    for i, j in [(0, 0), *_anchors(old, new), (len(old), len(new))]:
        if i < at_old or j < at_new:  # already within the block of an earlier anchor
            continue
        back = 0
        while i - back > at_old and j - back > at_new and old[i - back - 1] == new[j - back - 1]:
            back += 1
        forth = 0
        while i + forth < len(old) and j + forth < len(new) and old[i + forth] == new[j + forth]:
            forth += 1
        if back + forth:
            blocks.append(Match(i - back, j - back, back + forth))
        at_old, at_new = i + forth, j + forth
    return [*_merged(blocks), Match(len(old), len(new), 0)]


def _merged(blocks: list[Match]) -> Iterator[Match]:
    held: Match | None = None
    for block in blocks:
        if held and (held.a + held.size, held.b + held.size) == (block.a, block.b):
            held = Match(held.a, held.b, held.size + block.size)
            continue
        if held:
            yield held
        held = block
    if held:
        yield held


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Return the positions of the longest chain of lines that each text has once, in the order of both."""
    once_old, once_new = Counter(old), Counter(new)
    places = {line: place for place, line in enumerate(new) if once_new[line] == 1}
    pairs = [(i, places[line]) for i, line in enumerate(old) if once_old[line] == 1 and line in places]
    ends, ends_at, before = list[int](), list[int](), list[int]()
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(ends, place)
        before.append(ends_at[at - 1] if at else -1)
        ends[at : at + 1] = [place]
        ends_at[at : at + 1] = [number]
    chain, number = list[tuple[int, int]](), ends_at[-1] if ends_at else -1
    while number >= 0:
        chain.append(pairs[number])
        number = before[number]
    return chain[::-1]
