"""Times on pages are of the reader's zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils import timezone

from tenants.admin.labels import moment
from tenants.admin.reader_zone import COOKIE
from tenants.models import AuditEntry
from testing.world import World, listing

AT = datetime(2026, 3, 10, 23, 30, tzinfo=UTC)


@pytest.fixture
def entry(world: World) -> AuditEntry:
    entry = AuditEntry.objects.create(username="x", action="run", object_type="run", tenant=world.ours)
    AuditEntry.objects.exclude(pk=entry.pk).delete()
    AuditEntry.objects.update(at=AT)
    return entry


@pytest.mark.parametrize(
    ("cookie", "shown"),
    [
        ("", "2026-03-11 07:30:00"),  # the platform's own zone
        ("UTC", "2026-03-10 23:30:00"),
        ("America/New_York", "2026-03-10 19:30:00"),
        ("Mars/Olympus", "2026-03-11 07:30:00"),
        ("../../etc/passwd", "2026-03-11 07:30:00"),
    ],
)
def test_a_page_shows_times_in_the_zone_the_browser_tells(
    world: World, entry: AuditEntry, cookie: str, shown: str
) -> None:
    client = world.client("admin")
    client.cookies[COOKIE] = cookie
    assert f">{shown}</time>" in client.get(listing(AuditEntry)).content.decode()
    assert timezone.get_current_timezone_name() == "Asia/Shanghai"


def test_a_tasks_zone_stands_on_hover() -> None:
    shown = moment(AT, "America/New_York")
    assert 'title="2026-03-10 19:30:00 America/New_York"' in shown
    assert ">2026-03-11 07:30:00</time>" in shown


def test_no_time_is_nothing() -> None:
    assert moment(None, "UTC") == ""


def test_the_audit_log_is_filtered_by_the_readers_day(world: World, entry: AuditEntry) -> None:
    client = world.client("admin")
    for zone, day, found in (
        ("UTC", "2026-03-10", 1),
        ("UTC", "2026-03-11", 0),
        ("Asia/Tokyo", "2026-03-11", 1),
    ):
        client.cookies[COOKIE] = zone
        listed = client.get(listing(AuditEntry), {"day": day}).context["cl"].result_list
        assert len(listed) == found, (zone, day)


@pytest.mark.parametrize(("query", "found"), [({"action": "run"}, 1), ({"action": "delete"}, 0)])
def test_the_audit_log_is_filtered_by_action(
    world: World, entry: AuditEntry, query: dict[str, str], found: int
) -> None:
    assert len(world.client("admin").get(listing(AuditEntry), query).context["cl"].result_list) == found


def test_the_audit_log_is_filtered_by_kind_of_row(world: World, entry: AuditEntry) -> None:
    client = world.client("admin")
    assert len(client.get(listing(AuditEntry), {"object_type": "run"}).context["cl"].result_list) == 1
    assert not client.get(listing(AuditEntry), {"object_type": "secret"}).context["cl"].result_list
