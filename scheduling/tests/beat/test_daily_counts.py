"""The ended runs of each local day that is over are counted once, by tenant; yesterday's again at each count."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduling.beat import daily_counts
from scheduling.models import Run, RunDay
from scheduling.tests import make
from scheduling.tests.make import HOUR

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
TODAY = datetime(2026, 11, 20, tzinfo=ZoneInfo("Asia/Shanghai"))  # the platform's time zone
NOW = (TODAY + timedelta(hours=9)).astimezone(UTC)


def ran(at: datetime, status: str = "success", code: str | None = "acme") -> None:
    make.run(make.task(tenant=make.tenant(code) if code else None), now=at, status=status)


def counts(of: datetime) -> dict[str, tuple[int, int]]:
    """(successes, failures) of the day's tenants."""
    rows = RunDay.objects.filter(date=of.date())
    return {row.tenant: (row.success, row.failed) for row in rows}


def counted_days() -> list[date]:
    return sorted(RunDay.objects.filter(tenant="").values_list("date", flat=True))


def test_the_days_that_are_shown_are_fourteen_with_today() -> None:
    assert daily_counts.midnight(NOW) == TODAY
    assert daily_counts.first_of(NOW) == TODAY - 13 * DAY


def test_a_days_runs_are_counted_by_tenant_and_the_global_ones_as_nobodys() -> None:
    yesterday = NOW - DAY
    for status, code in [("success", "acme"), ("success", "acme"), ("failed", "acme"), ("failed", "globex")]:
        ran(yesterday, status, code)
    ran(yesterday, code=None)
    daily_counts.recount(NOW)
    assert counts(yesterday) == {"": (1, 0), "acme": (2, 1), "globex": (0, 1)}


@pytest.mark.parametrize("status", ["skipped", "missed", "canceled", "queued", "running"])
def test_what_neither_succeeded_nor_failed_counts_nowhere(status: str) -> None:
    ran(NOW - DAY, status)
    daily_counts.recount(NOW)
    assert counts(NOW - DAY) == {"": (0, 0)}


def test_a_day_goes_from_midnight_to_midnight_of_the_platforms_zone() -> None:
    for at in (TODAY - DAY - timedelta.resolution, TODAY - DAY, TODAY - timedelta.resolution, TODAY):
        ran(at)
    daily_counts.recount(NOW)
    assert counts(TODAY - 2 * DAY) == {"": (0, 0), "acme": (1, 0)}
    assert counts(TODAY - DAY) == {"": (0, 0), "acme": (2, 0)}


def test_every_day_that_is_over_is_counted_and_today_is_not() -> None:
    daily_counts.recount(NOW)
    assert counted_days() == [(TODAY - n * DAY).date() for n in range(13, 0, -1)]


def test_a_counted_day_stays_and_only_yesterday_is_counted_again() -> None:
    daily_counts.recount(NOW)
    for days in (1, 2, 13):
        ran(NOW - days * DAY)
    daily_counts.recount(NOW + HOUR)
    assert counts(NOW - DAY) == {"": (0, 0), "acme": (1, 0)}
    assert counts(NOW - 2 * DAY) == counts(NOW - 13 * DAY) == {"": (0, 0)}


def test_a_tenant_that_has_no_run_of_yesterday_any_more_has_no_count() -> None:
    ran(NOW - DAY)
    daily_counts.recount(NOW)
    Run.objects.all().delete()
    daily_counts.recount(NOW + HOUR)
    assert counts(NOW - DAY) == {"": (0, 0)}


def test_days_that_a_beat_which_was_away_left_out_are_counted_later() -> None:
    ran(NOW - 3 * DAY)
    daily_counts.recount(NOW - 5 * DAY)
    daily_counts.recount(NOW)
    assert counts(NOW - 3 * DAY) == {"": (0, 0), "acme": (1, 0)}


def test_counts_that_are_shown_no_more_go() -> None:
    daily_counts.recount(NOW - 3 * DAY)
    daily_counts.recount(NOW)
    assert counted_days()[0] == (TODAY - 13 * DAY).date()
