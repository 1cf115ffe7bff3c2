import re
from pathlib import Path

import pytest

from notifications.notes import TEXTS, note

NOTIFICATIONS = Path(__file__).parents[1]


def test_a_code_without_a_text_is_an_error() -> None:
    with pytest.raises(KeyError):
        note("unheard_of")


def test_every_text_is_in_use_and_every_code_has_one() -> None:
    modules = (path for path in NOTIFICATIONS.rglob("*.py") if "tests" not in path.parts)
    sources = [path.read_text() for path in modules if path.name != "notes.py"]
    named = {
        name for source in sources for name in re.findall(r'"([a-z]+(?:_[a-z]+)*)"', source) if name in TEXTS
    }
    used = {name for source in sources for name in re.findall(r'\bnote\(\s*"(\w+)"', source)}
    assert used <= set(TEXTS)
    assert named == set(TEXTS)
