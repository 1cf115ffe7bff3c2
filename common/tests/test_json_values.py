from __future__ import annotations

from typing import Any

import pytest

from common.json_values import MAX_DEPTH, parse, why_unfit


def nested(levels: int) -> Any:
    value: Any = 1
    for number in range(levels):
        value = [value] if number % 2 else {"a": value}
    return value


def test_sixty_four_levels_are_taken_and_no_more() -> None:
    assert why_unfit(nested(MAX_DEPTH)) == ""
    assert why_unfit(nested(MAX_DEPTH + 1)) == "is nested more than 64 levels deep."


def test_empty_lists_and_objects_are_levels_too() -> None:
    assert why_unfit([[]], max_depth=2) == ""
    assert why_unfit([[]], max_depth=1)
    assert why_unfit({"a": {}}, max_depth=1)


@pytest.mark.parametrize("levels", [990, 100_000])
def test_no_depth_is_too_much_for_the_measure(levels: int) -> None:
    assert "levels deep" in why_unfit(nested(levels))


def test_a_value_that_holds_itself_is_too_deep() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert "levels deep" in why_unfit(endless)


def test_bytes_are_counted_as_they_are_stored() -> None:
    assert why_unfit("报" * 10, max_bytes=32) == ""
    assert why_unfit("报" * 10, max_bytes=31) == "takes 32 bytes as JSON; at most 31 are allowed."


@pytest.mark.parametrize("text", [b"[" * 500_000, b'{"a":' * 500_000, b"not json", b"\xff"])
def test_what_can_not_be_read_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)
