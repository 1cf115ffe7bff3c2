from __future__ import annotations

import pytest

from common.numbers import int_or


@pytest.mark.parametrize(("text", "meant"), [("0", 0), ("17", 17), ("9" * 18, 10**18 - 1)])
def test_digits_are_a_number(text: str, meant: int) -> None:
    assert int_or(text, 5) == meant


@pytest.mark.parametrize(
    "text", [None, "", "-1", "1.5", " 1", "١", "²", "1e3", "1\x00", "9" * 19, "9" * 5000]
)
def test_anything_else_is_none(text: str | None) -> None:
    assert int_or(text, 5) == 5
