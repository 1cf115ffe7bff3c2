"""Whoever saves a task is told what it probably does not mean, by the API and by the form."""

from __future__ import annotations

from typing import Any

import pytest

from scheduling.kinds.template_names import names_in_single_braces
from scheduling.models import ScheduledTask
from testing.callers import Caller, member

pytestmark = pytest.mark.django_db
ONCE = {
    "task_name": "t",
    "schedule_type": "once",
    "run_at": "2020-01-01T08:00:00+08:00",
    "script_content": "pass",
}
HOOK = {
    "task_name": "t",
    "time_points": ["08:00"],
    "execution_type": "webhook",
    "webhook_url": " https://e.com/hook\n",
    "webhook_body_template": '{"text": "{task_name}", "at": "{{ run.due_at }}"}',
}


@pytest.fixture
def admin() -> Caller:
    return member("admin")


def warnings(answer: Any) -> list[str]:
    assert answer.status_code in (200, 201), answer.json()
    found: list[str] = answer.json()["warnings"]
    return found


def test_a_time_that_has_passed_is_said_when_the_task_is_created(admin: Caller) -> None:
    body = {name: ONCE[name] for name in ("schedule_type", "run_at")}
    warned = warnings(admin.post("/scheduled-tasks", ONCE))
    assert warned == admin.post("/schedules/preview", body).json()["warnings"]
    assert warned == ["This time has passed: the schedule won't start the task."]


def test_an_ordinary_task_needs_no_warning(admin: Caller) -> None:
    assert warnings(admin.post("/scheduled-tasks", HOOK | {"webhook_body_template": ""})) == []


def test_a_name_in_single_braces_is_warned_of(admin: Caller) -> None:
    answer = admin.post("/scheduled-tasks", HOOK)
    assert warnings(answer) == [
        "body: {task_name} stays as it is written; to fill in the value write {{ task_name }}."
    ]
    path = f"/scheduled-tasks/{answer.json()['id']}"
    assert len(warnings(admin.put(path, answer.json()))) == 1
    assert warnings(admin.put(path, {"webhook_body_template": '{"text": {{ task.name|tojson }}}'})) == []


def test_a_pasted_address_is_stored_without_its_spaces(admin: Caller) -> None:
    admin.post("/scheduled-tasks", HOOK)
    assert ScheduledTask.objects.get().webhook_url == "https://e.com/hook"


@pytest.mark.parametrize(
    ("template", "names"),
    [
        ("{task_name} { run.due_at } {task_name}", ["task_name", "run.due_at"]),
        ("{{ task_name }} {{task.name}} {% if window %}{% endif %}", []),
        ('{"a": 1} {other} {nothing.here} {}', []),
    ],
)
def test_only_names_that_a_template_knows_are_meant(template: str, names: list[str]) -> None:
    assert names_in_single_braces(template) == names
