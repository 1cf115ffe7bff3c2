"""Settings that are pairs."""

import pytest

from platform_site.config.env import Reader, SettingError


def test_pairs_are_read() -> None:
    assert Reader({"AI_MODELS": "a=b, c=d=e"}).pairs("AI_MODELS") == {"a": "b", "c": "d=e"}
    assert Reader({}).pairs("AI_MODELS") == {}


@pytest.mark.parametrize("text", ["a", "a=", "=b", "a=b,c"])
def test_half_a_pair_is_refused_by_name(text: str) -> None:
    with pytest.raises(SettingError, match="AI_MODELS"):
        Reader({"AI_MODELS": text}).pairs("AI_MODELS")
