"""A script that reports from MySQL says the same under python3 and in the jail."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pymysql
import pytest
from django.db import connection as platform

from sandbox.host.runner import Runner
from tests.scripts.test_corpus import in_both
from tests.scripts.world import CORPUS, PACKAGES

pytestmark = [pytest.mark.services, pytest.mark.django_db]
DSN_IN_SCRIPT = "mysql://root:@db.example:3306/shop"
SHOP = f"corpus_{os.getpid()}"  # one for each process of a parallel run
STATEMENTS = (
    f"CREATE DATABASE {SHOP} CHARACTER SET utf8mb4",
    f"CREATE TABLE {SHOP}.orders (city VARCHAR(20), amount DECIMAL(10, 2), status VARCHAR(10), created_at DATETIME)",
    f"""INSERT INTO {SHOP}.orders VALUES ('上海', 12.50, 'paid', '2027-03-01 09:30'),
        ('上海', 30, 'paid', '2027-03-01 18:05'), ('北京', 99.90, 'paid', '2027-03-01 11:00'),
        ('北京', 5, 'refunded', '2027-03-01 12:00'), ('广州', 3, 'paid', '2027-03-01 08:00')""",
    f"CREATE TABLE {SHOP}.report (city VARCHAR(20), total DECIMAL(10, 2))",
)


@pytest.fixture
def dsn() -> Iterator[str]:
    """Yield the address of a shop's database."""
    found = platform.settings_dict
    login = {"host": found["HOST"], "user": found["USER"], "password": found["PASSWORD"]}
    with pymysql.connect(port=int(found["PORT"]), autocommit=True, **login) as connection:
        cursor = connection.cursor()
        for statement in STATEMENTS:
            cursor.execute(statement)
        yield f"mysql://{found['USER']}:{quote(found['PASSWORD'], '')}@{found['HOST']}:{found['PORT']}/{SHOP}"
        cursor.execute(f"DROP DATABASE {SHOP}")


def test_a_report_from_a_database(dsn: str, tmp_path: Path) -> None:
    source = (CORPUS / "mysql" / "orders_report.py").read_text()
    assert DSN_IN_SCRIPT in source
    with Runner(deps_dirs=[PACKAGES]) as runner:
        plain, jailed = in_both(source.replace(DSN_IN_SCRIPT, dsn), runner, tmp_path)
    assert (plain.error, len(plain.lines)) == (None, 6), plain
    assert jailed == plain
