"""What a member may send costs no shared process its time or memory, and never ends in a 500."""

from __future__ import annotations

import resource

import pytest
from pytest_django import Settings

from scheduling.tests.conftest import forget_sandbox
from scheduling.tests.hostile import COMMENT_OF_STARTS, DEEP_BLOCK, nested_returns
from testing.callers import fields, member, superuser

pytestmark = pytest.mark.django_db
TASKS = "/scheduled-tasks"
TASK = {"task_name": "t", "time_points": ["09:00"], "is_enabled": False}
SCRIPTS = {
    "12 levels of returns": nested_returns(12),
    "14 levels of returns": nested_returns(14),
    "a comment of starts": COMMENT_OF_STARTS,
    "a deep block": DEEP_BLOCK,
    "half a character": "x = '\\ud800'",
    "a null byte": "x = 'a\0b'",
    "brackets": "(" * 500_000,
    "a sum": "+".join(["1"] * 300_000),
    "attributes": "a" + ".a" * 300_000,
    "a number": "9" * 900_000,
}


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_script_is_checked_and_saved_or_refused(name: str) -> None:
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    caller = superuser()
    script = SCRIPTS[name]
    answer = caller.post(f"{TASKS}/check-script", {"script_content": script})
    assert answer.status_code in (200, 422), answer.content[:500]
    answer = caller.post(TASKS, TASK | {"execution_type": "script", "script_content": script})
    assert answer.status_code in (201, 422), answer.content[:500]
    tried = caller.post(f"{TASKS}/test-script", {"script_content": script, "stream": True})
    assert tried.status_code in (202, 422), tried.content[:500]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - held < 300 << 10  # KiB


def test_what_can_not_be_compiled_is_said_of_the_script() -> None:
    answer = member("viewer").post(f"{TASKS}/check-script", {"script_content": nested_returns(12)})
    [problem] = answer.json()["problems"]
    assert (problem["line"], problem["severity"]) == (0, "error")
    assert "256 MiB" in problem["message"]


@pytest.fixture
def unheld(settings: Settings) -> None:
    """A host that gives less than the operator wants."""
    settings.SANDBOX_MIN_LEVEL = 3
    forget_sandbox()


@pytest.mark.usefixtures("unheld")
def test_a_host_without_a_sandbox_says_so_when_a_task_is_saved() -> None:
    caller = superuser()
    try:
        script = {"execution_type": "script", "script_content": "result = 'unheld'"}
        answer = caller.post(TASKS, TASK | script)
        assert fields(answer) == {"script_content"}
        assert b"L3" in answer.content
        template = {"execution_type": "dify", "dify_query": "{{ task.name }}"}
        answer = caller.post(TASKS, TASK | template)
        assert fields(answer) == {"dify_query"}
        assert b"L3" in answer.content
    finally:
        forget_sandbox()


def test_unsafe_is_honoured(settings: Settings) -> None:
    settings.SANDBOX_MIN_LEVEL, settings.SANDBOX_UNSAFE = 3, True
    forget_sandbox()
    try:
        answer = superuser().post(f"{TASKS}/check-script", {"script_content": "result = 'unsafe'"})
        assert answer.json() == {"problems": []}
    finally:
        forget_sandbox()
