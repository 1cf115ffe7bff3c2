"""The sandbox imports nothing of ours and measures the depth of JSON by a function of its own: the two must agree."""

from __future__ import annotations

from typing import Any

import pytest

from common import json_values
from sandbox import protocol


def nested(levels: int, *, in_objects: bool) -> Any:
    value: Any = "leaf"
    for _ in range(levels):
        value = {"a": 1, "b": value} if in_objects else [1, value]
    return value


@pytest.mark.parametrize("in_objects", [True, False])
@pytest.mark.parametrize("levels", [0, 1, 63, 64, 65, 100_000])
def test_sandbox_and_platform_call_the_same_values_too_deep(levels: int, in_objects: bool) -> None:
    value = nested(levels, in_objects=in_objects)
    assert json_values.is_deeper(value, json_values.MAX_DEPTH) == (levels > 64)
    assert protocol.is_deeper(value, protocol.MAX_DEPTH) == (levels > 64)


@pytest.mark.parametrize("value", [[], {}, [[]], [{}], {"a": []}, [1, [2], {"a": [3]}]])
@pytest.mark.parametrize("levels", range(4))
def test_empty_lists_and_objects_count_alike(value: Any, levels: int) -> None:
    assert json_values.is_deeper(value, levels) == protocol.is_deeper(value, levels)
