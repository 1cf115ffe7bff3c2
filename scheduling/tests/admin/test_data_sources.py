"""Data sources: the DSN is written and never read, and can be tried."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from scheduling.acts import data_sources
from scheduling.models import DataSource
from tenants import rows
from tenants.access import SYSTEM
from tenants.models import AuditEntry
from testing.world import World, listing, page

DSN = "mysql://reader:hunter2-password@db.example.com:3306/shop"
ADD = listing(DataSource) + "add/"
FORM = {
    "tenant": "ours",
    "name": "shop",
    "dsn": DSN,
    "allowed_tables": "orders\ncustomers",
    "is_default": "on",
}


@pytest.fixture
def source(world: World) -> DataSource:
    return data_sources.create(DataSource(tenant=world.ours, name="shop", dsn=DSN, is_default=True), SYSTEM)


def test_one_is_created_and_its_password_shown_nowhere(world: World) -> None:
    client = world.client("superuser")
    assert client.post(ADD, FORM).status_code == 302
    row = DataSource.objects.get()
    assert (row.dsn, row.allowed_tables) == (DSN, ["orders", "customers"])
    for address in (listing(DataSource), page(row)):
        assert "hunter2" not in client.get(address).content.decode()
    assert "hunter2" not in str(AuditEntry.objects.get(object_type="datasource").changes)


def test_an_empty_dsn_keeps_the_stored_one(world: World, source: DataSource) -> None:
    world.client("superuser").post(page(source), FORM | {"dsn": "", "name": "renamed"})
    source.refresh_from_db()
    assert (source.name, source.dsn) == ("renamed", DSN)
    with pytest.raises(rows.AlreadyTakenError):
        data_sources.create(DataSource(tenant=world.ours, name="renamed", dsn=DSN), SYSTEM)


@pytest.mark.parametrize(("field", "value"), [("dsn", "postgres://x"), ("dsn", ""), ("name", "")])
def test_what_is_wrong_stands_beside_its_field(world: World, field: str, value: str) -> None:
    answer = world.client("superuser").post(ADD, FORM | {field: value})
    assert field in answer.context["adminform"].form.errors


def test_a_name_that_is_taken_is_refused_beside_it(world: World, source: DataSource) -> None:
    answer = world.client("superuser").post(ADD, FORM)
    assert "name" in answer.context["adminform"].form.errors


def test_a_new_default_takes_the_old_ones_place(world: World, source: DataSource) -> None:
    world.client("superuser").post(ADD, FORM | {"name": "second"})
    assert DataSource.objects.get(is_default=True).name == "second"


def test_the_test_button_says_whether_it_answers(world: World, source: DataSource, tmp_path: Path) -> None:
    client, file = world.client("superuser"), tmp_path / "shop.db"
    DataSource.objects.filter(pk=source.pk).update(dsn=f"sqlite:///{file}")
    assert "Could not connect to shop" in client.post(page(source, "test"), follow=True).content.decode()
    sqlite3.connect(file).close()
    file.touch()
    assert "can be read" in client.post(page(source, "test"), follow=True).content.decode()


@pytest.mark.parametrize("who", ["viewer", "operator", "admin"])
def test_they_are_the_superusers(world: World, source: DataSource, who: str) -> None:
    client = world.client(who)
    assert client.get(listing(DataSource)).status_code == 403
    assert client.get(page(source)).status_code == 403
    assert client.post(page(source, "test")).status_code == 403
