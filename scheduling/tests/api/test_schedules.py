"""The preview shows what fires."""

from __future__ import annotations

from typing import Any

import pytest

from testing.callers import Caller, fields, member

pytestmark = pytest.mark.django_db
AFTER = "2026-03-01T00:00:00+08:00"


@pytest.fixture
def viewer() -> Caller:
    return member("viewer")


def preview(caller: Caller, **body: Any) -> dict[str, Any]:
    answer = caller.post("/schedules/preview", {"after": AFTER} | body)
    assert answer.status_code == 200, answer.content
    shown: dict[str, Any] = answer.json()
    return shown


def test_it_names_the_next_due_times_in_utc(viewer: Caller) -> None:
    shown = preview(viewer, time_points=["08:00", "12:30"], count=3)
    assert shown["due_times"] == [
        "2026-03-01T00:00:00+00:00",
        "2026-03-01T04:30:00+00:00",
        "2026-03-02T00:00:00+00:00",
    ]
    assert shown["description"] == "Every day at 08:00 and 12:30"
    assert shown["warnings"] == []


def test_it_shows_ten_unless_asked_for_others(viewer: Caller) -> None:
    assert len(preview(viewer, schedule_type="cron", cron_expression="* * * * *")["due_times"]) == 10


def test_it_warns_of_days_that_nobody_has_confirmed(viewer: Caller) -> None:
    body = {"time_points": ["08:00"], "calendar": "cn_workday", "after": "2090-01-01T00:00:00Z"}
    assert "not confirmed" in preview(viewer, **body)["warnings"][0]


@pytest.mark.parametrize(
    ("body", "warning"),
    [
        ({"end_at": "2026-02-01T00:00:00Z"}, "has ended"),
        ({"end_at": "2026-03-01T00:00:00+08:00", "time_points": ["12:00"]}, "has ended"),
        ({"schedule_type": "cron", "cron_expression": "0 8 2 3 *", "calendar": "cn_holiday",
          "end_at": "2027-01-01T00:00:00Z"}, "There are no more due times"),
        ({"schedule_type": "once", "run_at": "2026-03-02T00:00:00Z", "calendar": "cn_holiday"},
         "There are no more due times"),
    ],
)  # fmt: skip
def test_it_says_when_calendar_and_validity_leave_no_due_time(
    viewer: Caller, body: dict[str, Any], warning: str
) -> None:
    shown = preview(viewer, **{"time_points": ["08:00"]} | body)
    assert shown["due_times"] == []
    assert any(warning in text for text in shown["warnings"])


def test_it_names_a_hundred_of_a_rule_that_hardly_ever_fires(viewer: Caller) -> None:
    rare = {"schedule_type": "cron", "cron_expression": "0 0 29 2 MON", "count": 100}
    assert len(preview(viewer, **rare)["due_times"]) == 100


def test_it_speaks_the_readers_language(viewer: Caller) -> None:
    viewer.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-CN"
    assert preview(viewer, time_points=["08:00"])["description"].startswith("每天")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"schedule_type": "cron", "cron_expression": "nope"}, "cron_expression"),
        ({"schedule_type": "interval"}, "interval_minutes"),
        ({"timezone": "Nowhere", "time_points": ["08:00"]}, "timezone"),
        ({"time_points": ["08:00"], "count": 101}, "count"),
        ({"time_points": ["08:00"], "count": 0}, "count"),
        ({"schedule_type": "cron", "cron_expression": "0 0 30 2 *"}, "cron_expression"),
        ({"time_points": ["08:00"], "calendar": "nowhere"}, "calendar"),
        ({"time_points": ["08:00"], "task_name": "x"}, "task_name"),
    ],
)
def test_a_wrong_schedule_is_refused_by_its_field(viewer: Caller, body: dict[str, Any], field: str) -> None:
    refused = viewer.post("/schedules/preview", body)
    assert refused.status_code == 422
    assert fields(refused) == {field}
