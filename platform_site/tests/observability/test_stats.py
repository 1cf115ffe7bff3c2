"""The days of the chart."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from platform_site.observability import stats
from scheduling.beat import daily_counts
from scheduling.models import RunDay
from scheduling.tests import make
from tenants.access import SYSTEM, Actor

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 20, 9, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
MEMBER = Actor("ann", 1, False, {"acme": "viewer"})
STRANGER = Actor("bob", 2, False, {"empty": "viewer"})


def ran(at: datetime, status: str = "success", code: str | None = "acme") -> None:
    task = make.task(tenant=make.tenant(code) if code else None)
    make.run(task, now=at, status=status)


@pytest.fixture(autouse=True)
def _history() -> None:
    ran(NOW)
    ran(NOW - DAY)
    ran(NOW - DAY, "failed")
    ran(NOW - DAY, code="other")
    ran(NOW - 13 * DAY, code=None)
    ran(NOW - 13 * DAY, "skipped")
    ran(NOW - 14 * DAY)


def numbers(who: Actor) -> list[tuple[int, int]]:
    """Of the oldest day, yesterday and today."""
    shown = stats.daily(who, NOW)
    assert [day.date for day in shown] == [daily_counts.midnight(NOW) - n * DAY for n in range(13, -1, -1)]
    return [(day.success, day.failed) for day in (shown[0], shown[-2], shown[-1])]


EXPECTED = {
    "superuser": (SYSTEM, [(1, 0), (2, 1), (1, 0)]),
    "member": (MEMBER, [(0, 0), (1, 1), (1, 0)]),
    "stranger": (STRANGER, [(0, 0), (0, 0), (0, 0)]),
}


@pytest.mark.parametrize(("who", "expected"), EXPECTED.values(), ids=EXPECTED)
def test_the_days_say_the_same_before_and_after_they_are_counted(
    who: Actor, expected: list[tuple[int, int]]
) -> None:
    assert numbers(who) == expected
    daily_counts.recount(NOW)
    assert numbers(who) == expected


def test_the_history_of_a_counted_day_is_not_read_again() -> None:
    daily_counts.recount(NOW)
    ran(NOW - 13 * DAY)
    ran(NOW)
    assert numbers(SYSTEM) == [(1, 0), (2, 1), (2, 0)]


def test_a_day_that_was_not_counted_is_read_from_its_runs() -> None:
    daily_counts.recount(NOW)
    RunDay.objects.filter(date=(NOW - DAY).date()).delete()
    assert numbers(SYSTEM) == [(1, 0), (2, 1), (1, 0)]


@pytest.mark.parametrize(
    "now", [datetime(2026, 11, 1, 6, 30, tzinfo=UTC), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)]
)
def test_the_hours_are_the_last_ones_when_the_clock_is_put_back_or_on(now: datetime) -> None:
    due = now - timedelta(minutes=20)
    started = due + timedelta(milliseconds=70)
    make.run(make.task(), now=due, trigger="schedule", due_at=due, first_started_at=started)
    with timezone.override("America/New_York"):
        hours = stats.hourly_lateness(SYSTEM, now)
    assert [hour.p50 for hour in hours] == [None] * 23 + [70]
    begins = [hour.begin.astimezone(UTC) for hour in hours]
    assert begins == [now.replace(minute=0) - timedelta(hours=n) for n in range(23, -1, -1)]
