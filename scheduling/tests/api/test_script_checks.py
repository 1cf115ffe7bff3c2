"""POST /api/scheduled-tasks/check-script"""

from __future__ import annotations

import pytest

from testing.callers import Caller, fields, member

pytestmark = pytest.mark.django_db
PATH = "/scheduled-tasks/check-script"


@pytest.fixture
def viewer() -> Caller:
    return member("viewer")


def test_problems_name_their_place(viewer: Caller) -> None:
    answer = viewer.post(PATH, {"script_content": "fine = 1\nwrong = = 2"})
    assert answer.json() == {
        "problems": [{"line": 2, "column": 9, "severity": "error", "message": "invalid syntax"}]
    }


def test_a_sound_script_has_none(viewer: Caller) -> None:
    assert viewer.post(PATH, {"script_content": "result = 1"}).json() == {"problems": []}


def test_it_takes_a_script_and_nothing_else(viewer: Caller) -> None:
    assert fields(viewer.post(PATH, {})) == {"script_content"}
    assert fields(viewer.post(PATH, {"script_content": "x" * (2 << 20)})) == {"script_content"}
