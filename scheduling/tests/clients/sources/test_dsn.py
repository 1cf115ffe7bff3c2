from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from common.http import CancelSwitch
from scheduling.clients.sources import InvalidDsnError, QueryFailedError, Tables, query, read_dsn
from scheduling.clients.sources.dsn import Dsn
from scheduling.clients.sources.rows import as_json


def test_a_mysql_dsn_is_read() -> None:
    found = read_dsn("mariadb://re%40der:p%2Fw@db.example.com:3307/shop?tls=true")
    assert found == Dsn("mysql", "shop", "db.example.com", 3307, "re@der", "p/w", tls=True)


def test_a_sqlite_dsn_is_read() -> None:
    assert read_dsn("sqlite:////var/lib/a%20shop.db") == Dsn("sqlite", "/var/lib/a shop.db")


def test_the_password_is_not_printed() -> None:
    assert "hunter2" not in repr(read_dsn("mysql://u:hunter2@h/d"))


@pytest.mark.parametrize(
    "text",
    ["", "shop.db", "postgres://h/d", "mysql://h", "mysql:///d", "mysql://h/a/b", "mysql://h:x/d", "mysql://h/d?a",
     "mysql://h/d?local_infile=1", "sqlite://shop.db", "sqlite:///shop.db", "sqlite://host/var/x.db"],
)  # fmt: skip
def test_what_can_not_be_used_is_refused(text: str) -> None:
    with pytest.raises(InvalidDsnError):
        read_dsn(text)


def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(QueryFailedError, match="reached"):
        query(read_dsn("mysql://u:p@127.0.0.1:1/shop"), Tables(), "SELECT 1", None, CancelSwitch())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("2.50"), 2.5),
        (Decimal("3.00"), 3),
        (float("nan"), None),
        (float("inf"), None),
        (datetime(2026, 1, 2, 3, 4, 5), "2026-01-02 03:04:05"),  # noqa: DTZ001  as databases give them
        (date(2026, 1, 2), "2026-01-02"),
        (timedelta(hours=1), "1:00:00"),
        ("上海".encode(), "上海"),
        (b"\x00\xff", "00ff"),
        (True, True),
        (None, None),
    ],
)
def test_values_are_json(value: Any, shown: Any) -> None:
    assert as_json(value) == shown
