"""A data source is created and changed with its key and its audit row, and tried read-only in a tenant's places."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from pathlib import Path

import pytest

from common.concurrency import MAX_OF_ONE, NoPlaceError, hold_place
from scheduling.acts import data_sources
from scheduling.clients.sources import SourceError
from scheduling.models import DataSource
from scheduling.models.source import source_key
from scheduling.tests import make
from tenants import rows
from tenants.models import AuditEntry, Tenant
from testing.actors import ANN

pytestmark = pytest.mark.django_db


def source(
    name: str = "shop", tenant: Tenant | None = None, *, is_default: bool = False, dsn: str = "sqlite:////a"
) -> DataSource:
    row = DataSource(name=name, tenant=tenant, is_default=is_default, dsn=dsn, allowed_tables=[])
    return data_sources.create(row, ANN)


def defaults() -> set[int]:
    return set(DataSource.objects.filter(is_default=True).values_list("pk", flat=True))


def test_a_name_is_taken_once_in_each_tenant_and_once_among_the_global_ones() -> None:
    for owner in (None, make.tenant("acme"), make.tenant("globex")):
        source(tenant=owner)
        with pytest.raises(rows.AlreadyTakenError):
            source(tenant=owner)
    assert DataSource.objects.count() == 3


def test_a_change_of_the_name_frees_the_old_one_and_takes_the_new() -> None:
    first, second = source("one"), source("two")
    data_sources.change(first, {"name": "three"}, ANN)
    assert DataSource.objects.get(pk=first.pk).scope_key == source_key(None, "three")
    source("one")
    with pytest.raises(rows.AlreadyTakenError):
        data_sources.change(second, {"name": "three"}, ANN)


def test_a_change_of_something_else_keeps_the_name_taken() -> None:
    first = source("one")
    data_sources.change(first, {"allowed_tables": ["orders"]}, ANN)
    with pytest.raises(rows.AlreadyTakenError):
        source("one")


def test_a_new_default_takes_the_place_of_its_own_tenants_only() -> None:
    acme = make.tenant("acme")
    globally, first = source(is_default=True), source("one", acme, is_default=True)
    second = source("two", acme, is_default=True)
    assert defaults() == {globally.pk, second.pk}
    source("three", acme)
    assert defaults() == {globally.pk, second.pk}
    data_sources.change(DataSource.objects.get(pk=first.pk), {"is_default": True}, ANN)
    assert defaults() == {globally.pk, first.pk}


def test_what_is_refused_leaves_the_default_where_it_was() -> None:
    default = source("one", is_default=True)
    source("two")
    with pytest.raises(rows.AlreadyTakenError):
        source("two", is_default=True)
    assert defaults() == {default.pk}


def test_each_act_is_an_audit_row_that_does_not_show_the_address() -> None:
    row = source(dsn="mysql://reader:hunter2@db.example.com/shop")
    data_sources.change(row, {"dsn": "mysql://reader:hunter3@db.example.com/shop"}, ANN)
    entries = AuditEntry.objects.filter(object_type="datasource").order_by("pk")
    assert list(entries.values_list("username", "action")) == [("ann", "create"), ("ann", "update")]
    assert "hunter" not in str(list(entries.values()))


def test_one_that_answers_is_tried_without_an_error_and_one_that_is_not_there_with_one(
    tmp_path: Path,
) -> None:
    path = tmp_path / "shop.db"
    sqlite3.connect(path).close()
    data_sources.try_source(source(dsn=f"sqlite:///{path}"))
    with pytest.raises(SourceError):
        data_sources.try_source(source("other", dsn=f"sqlite:///{tmp_path / 'nothing.db'}"))


def test_a_try_waits_in_one_of_its_tenants_places() -> None:
    row = source(tenant=make.tenant("acme"))
    with ExitStack() as taken:
        for _ in range(MAX_OF_ONE):
            taken.enter_context(hold_place("acme"))
        with pytest.raises(NoPlaceError):
            data_sources.try_source(row)
