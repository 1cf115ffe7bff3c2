"""/api/data-sources: what superusers open to scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from scheduling.models import DataSource
from testing.callers import Caller, fields, member, superuser, tenant

pytestmark = pytest.mark.django_db
PATH = "/data-sources"
DSN = "mysql://reader:hunter2@db.example.com/shop"


@pytest.fixture
def root() -> Caller:
    tenant("acme")
    return superuser()


def make(root: Caller, **body: Any) -> Any:
    answer = root.post(PATH, {"name": "shop", "dsn": DSN} | body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_the_dsn_is_written_and_never_read(root: Caller) -> None:
    row = make(root, tenant_id="acme", allowed_tables=["orders"])
    assert row["dsn_set"] is True
    for answer in (root.get(PATH), root.get(f"{PATH}/{row['id']}"), root.get("/audit")):
        assert "hunter2" not in answer.content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT dsn FROM platform_data_sources")
        assert "hunter2" not in cursor.fetchone()[0]


def test_a_change_without_the_dsn_keeps_it(root: Caller) -> None:
    row = make(root)
    changed = root.put(f"{PATH}/{row['id']}", {"allowed_tables": ["a"], "name": "store"}).json()
    assert (changed["name"], changed["allowed_tables"], changed["dsn_set"]) == ("store", ["a"], True)
    assert DataSource.objects.get().dsn == DSN


def test_a_tenant_has_a_name_once_and_so_have_the_global_ones(root: Caller) -> None:
    first = make(root, tenant_id="acme")
    make(root, tenant_id=None)
    for body in ({"tenant_id": "acme"}, {"tenant_id": None}):
        assert root.post(PATH, {"name": "shop", "dsn": DSN} | body).status_code == 409
    make(root, tenant_id="acme", name="other")
    assert root.put(f"{PATH}/{first['id']}", {"name": "other"}).status_code == 409


def test_a_new_default_takes_the_place_of_the_old_one(root: Caller) -> None:
    elsewhere = make(root, is_default=True)
    first = make(root, tenant_id="acme", is_default=True)
    second = make(root, tenant_id="acme", name="b", is_default=True)
    defaults = set(DataSource.objects.filter(is_default=True).values_list("pk", flat=True))
    assert defaults == {elsewhere["id"], second["id"]}
    root.put(f"{PATH}/{first['id']}", {"is_default": True})
    defaults = set(DataSource.objects.filter(is_default=True).values_list("pk", flat=True))
    assert defaults == {elsewhere["id"], first["id"]}


@pytest.mark.parametrize("dsn", ["", "nonsense", "mysql://h", "sqlite:///relative.db", "file:///etc/passwd"])
def test_a_dsn_that_can_not_be_used_is_refused(root: Caller, dsn: str) -> None:
    assert fields(root.post(PATH, {"name": "shop", "dsn": dsn})) == {"dsn"}


def test_deleting_forgets_it(root: Caller) -> None:
    row = make(root)
    assert root.delete(f"{PATH}/{row['id']}").status_code == 204
    assert root.get(f"{PATH}/{row['id']}").status_code == 404


def test_a_tenants_admin_may_do_nothing_here(root: Caller) -> None:
    row, admin = make(root, tenant_id="acme"), member("admin")
    path = f"{PATH}/{row['id']}"
    for answer in (admin.get(PATH), admin.get(path), admin.put(path, {"name": "x"}), admin.delete(path)):
        assert answer.status_code == 403
