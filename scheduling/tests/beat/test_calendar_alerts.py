from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pytest_django.fixtures import Settings

from notifications.models import Delivery
from scheduling.acts import calendars as calendar_acts
from scheduling.beat import calendar_alerts
from scheduling.models import Calendar
from scheduling.schedule import calendars
from scheduling.tests import make
from tenants.access import SYSTEM

pytestmark = pytest.mark.django_db
HOOK = "https://platform.example.com/hook"
NOVEMBER, DECEMBER = datetime(2026, 11, 20, 8, tzinfo=UTC), datetime(2026, 12, 2, 8, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _2027_is_not_announced(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PLATFORM_ALERT_WEBHOOK = HOOK

    def official_days(year: int) -> calendars.OfficialDays:
        return calendars.OfficialDays({}, frozenset(), confirmed=year < 2027)

    monkeypatch.setattr(calendars, "official_days", official_days)


def alerts() -> list[str]:
    return [str(row.message and row.message["task_name"]) for row in Delivery.objects.order_by("pk")]


def test_a_year_without_official_days_is_told_once_before_it_begins() -> None:
    make.task(calendar="cn_workday")
    make.task(calendar="cn_workday")
    calendar_alerts.send_alerts(NOVEMBER)
    assert alerts() == []
    for _ in range(2):
        calendar_alerts.send_alerts(DECEMBER)
    (name,) = alerts()
    assert "2027" in name
    alert = Delivery.objects.get()
    assert alert.message is not None
    assert (alert.message["event"], alert.message["tenant_id"]) == ("calendar_missing", "acme")
    assert "2" in alert.message["error"]


def test_a_platform_set_up_in_such_a_year_hears_of_it_too() -> None:
    make.task(calendar="cn_holiday")
    calendar_alerts.send_alerts(datetime(2027, 3, 1, tzinfo=UTC))
    assert len(alerts()) == 1


def test_a_year_that_somebody_confirmed_is_no_trouble() -> None:
    make.task(calendar="cn_holiday")
    calendar_acts.confirm(Calendar.objects.get(code="cn_holiday"), 2027, True, SYSTEM)
    calendar_alerts.send_alerts(DECEMBER)
    assert alerts() == []


def test_a_calendar_of_the_tenants_own_is_told_of_as_what_it_is_based_on() -> None:
    make.tenant()
    for code, based_on in (("own", "cn_workday"), ("week", "week")):
        calendar_acts.create(Calendar(tenant_id="acme", code=code, based_on=based_on), SYSTEM)
        make.task(calendar=code)
    calendar_alerts.send_alerts(DECEMBER)
    assert alerts() == ["own 2027"]
    calendar_acts.confirm(Calendar.objects.get(code="own"), 2027, True, SYSTEM)
    assert list(calendar_alerts.missing_years(DECEMBER)) == []


def test_each_tenant_hears_of_its_own_calendars(settings: Settings) -> None:
    make.task(calendar="cn_workday", tenant=make.tenant("a", alert_webhook="https://a.example.com/"))
    make.task(calendar="cn_workday", tenant=make.tenant("b"))
    calendar_alerts.send_alerts(DECEMBER)
    assert {row.address for row in Delivery.objects.all()} == {"https://a.example.com/", HOOK}


def test_what_no_enabled_task_fires_by_is_nobodys_trouble() -> None:
    make.task(calendar="cn_workday", is_enabled=False)
    make.task()
    calendar_alerts.send_alerts(DECEMBER)
    assert alerts() == []


def test_it_is_still_news_when_an_address_is_set_later(settings: Settings) -> None:
    settings.PLATFORM_ALERT_WEBHOOK = ""
    make.task(calendar="cn_workday")
    calendar_alerts.send_alerts(DECEMBER)
    assert alerts() == []
    settings.PLATFORM_ALERT_WEBHOOK = HOOK
    calendar_alerts.send_alerts(DECEMBER)
    assert len(alerts()) == 1
