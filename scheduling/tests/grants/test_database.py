"""db_query: which source a task's script asks, and what of it stays closed."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from common.http import CancelSwitch
from scheduling.clients.sources import QueryRefusedError
from scheduling.grants.database import CUT, Database
from scheduling.models import DataSource
from scheduling.models.source import source_key
from scheduling.tests import make

pytestmark = pytest.mark.django_db
WHO = "SELECT who FROM names"


@pytest.fixture
def source(tmp_path: Path) -> Any:
    """source("tenant", "name") makes a database whose one row says `tenant/name`."""

    def made(code: str | None, name: str, **columns: Any) -> None:
        path = tmp_path / f"{code}-{name}.db"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE names (who)")
            connection.execute("CREATE TABLE platform_secrets (who)")
            connection.execute("INSERT INTO names VALUES (?)", [f"{code}/{name}"])
        connection.close()
        tenant = make.tenant(code) if code else None
        key = source_key(code, name)
        DataSource.objects.create(tenant=tenant, name=name, dsn=f"sqlite:///{path}", scope_key=key, **columns)

    return made


def ask(tenant: str | None, source: str | None = None, sql: str = WHO) -> str:
    lines: list[str] = []
    return str(Database(tenant, CancelSwitch(), lines.append).db_query(sql, None, source).work()[0]["who"])


def test_a_tenants_default_comes_before_the_global_one(source: Any) -> None:
    source(None, "all", is_default=True)
    source("acme", "own", is_default=True)
    make.tenant("other")
    assert (ask("acme"), ask("other"), ask(None)) == ("acme/own", "None/all", "None/all")


def test_a_source_is_asked_by_its_name(source: Any) -> None:
    source("acme", "own", is_default=True)
    source("acme", "shop")
    assert ask("acme", "shop") == "acme/shop"


def test_a_tenants_own_comes_before_the_global_one_of_its_name(source: Any) -> None:
    source(None, "shop", is_default=True)
    source("acme", "shop")
    make.tenant("other")
    assert (ask("acme", "shop"), ask("other", "shop")) == ("acme/shop", "None/shop")


@pytest.mark.parametrize("name", ["theirs", "operators", "nothing"])
def test_what_is_not_the_tenants_does_not_exist(source: Any, name: str) -> None:
    source("other", "theirs", is_default=True)
    source(None, "operators")
    with pytest.raises(LookupError, match="no data source"):
        ask("acme", name)


def test_without_any_the_error_says_whom_to_ask() -> None:
    with pytest.raises(LookupError, match="operator"):
        ask("acme")


def test_the_platforms_own_tables_are_opened_only_by_name(source: Any) -> None:
    source("acme", "a")
    source("acme", "b", allowed_tables=["platform_secrets"])
    sql = "SELECT count(*) AS who FROM platform_secrets"
    with pytest.raises(QueryRefusedError, match="platform_secrets"):
        ask("acme", "a", sql)
    assert ask("acme", "b", sql) == "0"


def test_a_cut_result_is_said_in_the_log(source: Any) -> None:
    source("acme", "own", is_default=True)
    lines: list[str] = []
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
    Database("acme", CancelSwitch(), lines.append).db_query(endless, None, None).work()
    assert lines == [CUT]
