"""Tags group tasks: by the API, in the form and in the list."""

from __future__ import annotations

from typing import Any

import pytest

from scheduling.admin.tags import TagsField
from scheduling.models import ScheduledTask
from scheduling.models.tags import tagged, tags_of
from scheduling.tests import make
from testing.callers import Caller, fields, member
from testing.world import World, listing, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> Caller:
    return member("admin")


@pytest.fixture
def ours() -> World:
    return world()


def test_the_api_takes_shows_and_filters_by_them(admin: Caller) -> None:
    body = {"task_name": "report", "script_content": "result = 1", "time_points": ["08:00"]}
    made = admin.post("/scheduled-tasks", body | {"tags": ["财务", "每日 报表"]}).json()
    admin.post("/scheduled-tasks", body | {"tags": ["财务部"]})
    assert admin.post("/scheduled-tasks", body).json()["tags"] == []
    assert made["tags"] == ["财务", "每日 报表"]
    found = admin.get("/scheduled-tasks", tag="财务").json()["items"]
    assert [task["id"] for task in found] == [made["id"]]
    assert admin.put(f"/scheduled-tasks/{made['id']}", {"tags": None}).json()["tags"] == []


@pytest.mark.parametrize(
    "tags",
    [["a,b"], ["a，b"], [" a"], ["a  b"], [""], ["a\n"], ["x" * 31], ["a", "a"], [str(n) for n in range(11)]],
)
def test_what_is_no_tag_is_refused(admin: Caller, tags: list[str]) -> None:
    task = make.task()
    answer = admin.put(f"/scheduled-tasks/{task.pk}", {"tags": tags})
    assert answer.status_code == 422
    assert {name.partition("[")[0].partition(".")[0] for name in fields(answer)} == {"tags"}


def test_a_tag_is_found_whole() -> None:
    for tags in (["a"], ["ab", 'q"'], ["A"], []):
        make.task(tags=tags)
    rows = ScheduledTask.objects.all()
    assert [task.tags for task in tagged(rows, "a")] == [["a"]]
    assert [task.tags for task in tagged(rows, 'q"')] == [["ab", 'q"']]
    assert tags_of(rows) == ["A", "a", "ab", 'q"']


@pytest.mark.parametrize(
    ("typed", "tags"),
    [("", []), ("财务，日报、 a  b ,财务,", ["财务", "日报", "a b"]), (["x"], ["x"])],
)
def test_the_form_takes_words_with_any_commas(typed: Any, tags: list[str]) -> None:
    assert TagsField().clean(typed) == tags
    assert not TagsField().has_changed(tags, typed)


def test_the_list_is_filtered_by_ones_own_tags(ours: World) -> None:
    ScheduledTask.objects.filter(pk=ours.task.pk).update(tags=["财务"])
    ScheduledTask.objects.filter(pk=ours.their_task.pk).update(tags=["theirs"])
    client = ours.client("viewer")
    shown = client.get(listing(ScheduledTask), {"tag": "财务"})
    assert [task.pk for task in shown.context["cl"].result_list] == [ours.task.pk]
    assert 'value="theirs"' not in shown.content.decode()
    assert not client.get(listing(ScheduledTask), {"tag": "none"}).context["cl"].result_list
