"""A calendar's days and years are held to their rules by the API, the act and a document of tasks."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.utils import timezone

from platform_site.importing.document import read_document
from platform_site.importing.plan import plan
from platform_site.importing.step import DocumentRefusedError
from platform_site.tests.rule_doors import (
    BAD,
    BELL,
    NUL,
    SHAPES,
    at_fault,
    said,
)
from scheduling.acts import calendars
from scheduling.models import Calendar, CalendarDay
from scheduling.schedule.day_list import SetDay
from tenants.access import SYSTEM
from testing.callers import Caller, superuser
from testing.world import World
from testing.world import world as new_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return new_world()


@pytest.fixture
def root() -> Caller:
    return superuser()


def document(**columns: Any) -> str:
    return yaml.safe_dump({"format": 1, "tasks": [], "calendars": [{"tenant_id": "ours", **columns}]})


DAY = date(2026, 10, 1)


@pytest.mark.parametrize(
    ("day", "column"),
    [
        (SetDay(DAY.replace(year=1969), True), "date"),
        (SetDay(DAY.replace(year=2200), True), "date"),
        (SetDay(DAY, True, "x" * 101), "name"),
        (SetDay(DAY, True, BELL), "name"),
    ],
)
def test_no_such_day_is_set(world: World, root: Caller, day: SetDay, column: str) -> None:
    row = calendars.create(Calendar(tenant=world.ours, code="shop"), SYSTEM)
    with pytest.raises(ValidationError) as error:
        calendars.set_days(row, [SetDay(DAY, False), day], SYSTEM, timezone.now())
    assert set(error.value.message_dict) == {column}
    listed = {"date": day.date.isoformat(), "is_workday": True, "name": day.name}
    assert at_fault(root.send("PATCH", "/calendars/shop/days", {"days": [listed]})) == {"days"}
    with pytest.raises(DocumentRefusedError, match=f"days.0.{column}"):
        plan(read_document(document(code="new", days=[listed])), {}, timezone.now())
    assert not CalendarDay.objects.exists()


@pytest.mark.parametrize("year", [1969, 2200, -1])
def test_no_such_year_is_confirmed(world: World, root: Caller, year: int) -> None:
    row = calendars.create(Calendar(tenant=world.ours, code="shop"), SYSTEM)
    with pytest.raises(ValidationError, match="confirmed_years"):
        calendars.confirm(row, year, True, SYSTEM)
    assert at_fault(root.post("/calendars/shop/confirm", {"year": year})) == {"year"}
    row.refresh_from_db()
    assert row.confirmed_years == []


@pytest.mark.parametrize(
    ("column", "bad"),
    [
        (column, bad)
        for shapes in (BAD[Calendar], SHAPES[Calendar])
        for column, bads in shapes.items()
        for bad in bads
        if bad != NUL
    ],
    ids=said,
)
def test_a_document_with_such_a_calendar_is_refused(
    world: World, tmp_path: Path, column: str, bad: Any
) -> None:
    file = tmp_path / "tasks.yaml"
    file.write_text(document(**{"code": "shop", column: bad}))
    with pytest.raises(CommandError, match=column):
        call_command("import_tasks", str(file))
    assert not Calendar.objects.filter(tenant=world.ours).exists()
