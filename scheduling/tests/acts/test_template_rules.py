"""What a template or a webhook's body gets wrong is said when the task is saved."""

from __future__ import annotations

from typing import Any

import pytest

from scheduling.models import ScheduledTask
from testing.callers import Caller, member

pytestmark = pytest.mark.django_db
DAILY = {"task_name": "t", "time_points": ["08:00"]}
HOOK = DAILY | {"execution_type": "webhook", "webhook_url": "https://e.com/hook"}
CHAT = DAILY | {"execution_type": "dify", "dify_url": "https://d.example/v1", "dify_api_key": "app-1"}
TEXT = {"webhook_headers": {"Content-Type": "text/plain"}}


@pytest.fixture
def admin() -> Caller:
    return member("admin")


def problems(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.json()
    return {error["field"]: error["message"] for error in answer.json()["errors"]}


def warnings(answer: Any) -> list[str]:
    assert answer.status_code in (200, 201), answer.json()
    found: list[str] = answer.json()["warnings"]
    return found


def test_a_name_that_does_not_exist_is_refused_with_those_that_do(admin: Caller) -> None:
    refused = admin.post("/scheduled-tasks", HOOK | TEXT | {"webhook_body_template": "{{ taks.name }}"})
    assert problems(refused) == {
        "webhook_body_template": "The template uses names that do not exist: taks. It can use: due_at, params, run, "
        "task, task_id, task_name, tenant_id, timezone, trace_id, window, window_end, window_start."
    }
    assert not ScheduledTask.objects.exists()


@pytest.mark.parametrize("column", ["dify_query", "dify_user", "result_template"])
def test_every_template_is_judged(admin: Caller, column: str) -> None:
    assert problems(admin.post("/scheduled-tasks", CHAT | {column: "{{ nobody }}"})).keys() == {column}


def test_only_a_message_has_outputs(admin: Caller) -> None:
    assert warnings(admin.post("/scheduled-tasks", CHAT | {"result_template": "{{ outputs.text }}"})) == []
    assert problems(admin.post("/scheduled-tasks", CHAT | {"dify_query": "{{ outputs.text }}"}))


def test_a_template_that_the_kind_does_not_use_needs_no_names(admin: Caller) -> None:
    answer = admin.post("/scheduled-tasks", CHAT | {"webhook_body_template": '{"a": {{ old }}'})
    assert warnings(answer) == []
    changed = admin.put(
        f"/scheduled-tasks/{answer.json()['id']}",
        {"execution_type": "webhook", "webhook_url": "https://e.com/hook"},
    )
    assert problems(changed).keys() == {"webhook_body_template"}


def test_what_an_older_version_has_saved_holds_up_no_other_change(admin: Caller) -> None:
    answer = admin.post("/scheduled-tasks", CHAT)
    path = f"/scheduled-tasks/{answer.json()['id']}"
    ScheduledTask.objects.update(dify_query="{{ nobody }}")
    assert warnings(admin.put(path, {"dify_user": "ops-{{ task.id }}"})) == []
    assert problems(admin.put(path, {"dify_query": "{{ nobody }}!"})).keys() == {"dify_query"}


@pytest.mark.parametrize("body", ['{"a": 1,}', '{"text": {task_name}}', "{% raw %}{{ a }}{% endraw %}"])
def test_a_body_that_is_never_json_is_refused(admin: Caller, body: str) -> None:
    assert problems(admin.post("/scheduled-tasks", HOOK | {"webhook_body_template": body})).keys() == {
        "webhook_body_template"
    }


def test_a_body_of_another_type_may_be_any_text_until_its_type_is_json(admin: Caller) -> None:
    answer = admin.post("/scheduled-tasks", HOOK | TEXT | {"webhook_body_template": "done"})
    assert warnings(answer) == []
    path = f"/scheduled-tasks/{answer.json()['id']}"
    assert problems(admin.put(path, {"webhook_headers": {}})).keys() == {"webhook_body_template"}


def test_headers_that_can_not_be_read_are_the_only_thing_said(admin: Caller) -> None:
    wrong = {"webhook_headers": {"a b": "1"}, "webhook_body_template": "done"}
    assert all("webhook_headers" in field for field in problems(admin.post("/scheduled-tasks", HOOK | wrong)))


@pytest.mark.parametrize(
    ("body", "params", "why"),
    [
        ('{"text": "{{ params.text }}"}', {"text": 'say "hi"'}, "is not JSON"),
        ('{"text": {{ task.name }}}', {}, "is not JSON"),
        ('{"text": {{ params.text }}}', {}, "can't be rendered"),
        ('{"text": {{ params.text|tojson }}}', {"text": 'say "hi"'}, ""),
        ('{"from": "{{ window.start if window }}"}', {}, ""),
        ("{{ 1 / 0 }}", {}, "can't be rendered"),
        ('{"a": {{ params.a if params is defined }}}', {"a": 1}, ""),
        ("{% if params.all %}{% endif %}", {"all": 1}, ""),
    ],
)
def test_a_body_that_fails_in_a_trial_is_warned_of(
    admin: Caller, body: str, params: dict[str, Any], why: str
) -> None:
    warned = warnings(
        admin.post("/scheduled-tasks", HOOK | {"webhook_body_template": body, "input_params": params})
    )
    assert [why in words for words in warned] == ([True] if why else [])
    assert all(
        words.startswith("body: a run with the task's own parameters would fail now. ") for words in warned
    )
