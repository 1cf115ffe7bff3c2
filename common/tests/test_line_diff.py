"""Two texts of lines, as the standard library compares them where that is cheap."""

from __future__ import annotations

import difflib
from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import line_diff
from common.line_diff import LineMatcher, unified

LINES = st.lists(st.sampled_from("abcdefgh"), max_size=12)


@given(LINES, LINES)
def test_ordinary_texts_differ_as_the_standard_library_says(old: list[str], new: list[str]) -> None:
    assert list(unified(old, new, "old", "new")) == list(
        difflib.unified_diff(old, new, "old", "new", lineterm="")
    )


@given(LINES, LINES)
def test_a_coarse_difference_makes_the_new_text_of_the_old(old: list[str], new: list[str]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(line_diff, "MAX_PRODUCT", 0)
        codes = LineMatcher(old, new).get_opcodes()
    made = [line for tag, i, j, k, m in codes for line in (old[i:j] if tag == "equal" else new[k:m])]
    assert made == new
    assert sum(j - i for _, i, j, _, _ in codes) == len(old)


def test_a_changed_line_among_very_many_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    old = [str(n) for n in range(16_000)]
    new = [*old[:9000], "changed", *old[9001:]]
    assert [line for line in unified(old, new, "", "") if line[0] in "+-"][2:] == ["-9000", "+changed"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (["x"] * 16_000, ["x", "y"] * 8_000),
        ([str(n) for n in range(16_000)], [str(n) for n in reversed(range(16_000))]),
        ([str(n % 40) for n in range(16_000)], [str(n * 7 % 41) for n in range(16_000)]),
    ],
)
def test_very_many_lines_are_never_compared_each_with_each(
    monkeypatch: pytest.MonkeyPatch, old: list[str], new: list[str]
) -> None:
    def costly(*arguments: object) -> None:
        raise AssertionError("quadratic")

    monkeypatch.setattr(SequenceMatcher, "find_longest_match", costly)
    assert list(unified(old, new, "", ""))
