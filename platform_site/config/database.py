"""Turns DATABASE_URL into Django's DATABASES: SQLite (the embedded default) and MySQL/MariaDB."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import environ

from platform_site.config.env import SettingError

SCHEMES = "use sqlite:///path or mysql://user:password@host:3306/name"


def database(url: str) -> dict[str, Any]:
    try:
        config = dict(environ.Env.db_url_config(url))
    except Exception as error:  # noqa: BLE001  # the parser lets any error of int() and urlparse through
        raise SettingError("DATABASE_URL", f"cannot be read ({type(error).__name__}): {SCHEMES}") from None
    engine = str(config.get("ENGINE", ""))
    if engine.endswith("sqlite3"):
        return config | {"OPTIONS": SQLITE, "CONN_MAX_AGE": None}
    if engine.endswith("mysql"):
        if find_spec("MySQLdb") is None:
            raise SettingError("DATABASE_URL", "MySQL needs mysqlclient: install requirements/production.txt")
        return config | {
            "ENGINE": "common.framework.mysql",
            "OPTIONS": MYSQL,
            "CONN_MAX_AGE": 60,
        }
    raise SettingError("DATABASE_URL", f"use {SCHEMES}")


# IMMEDIATE takes the write lock at BEGIN: a transaction that reads first and writes later
# would otherwise fail at once with "database is locked" instead of waiting its turn.
SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=30000;",
}
MYSQL = {
    "charset": "utf8mb4",
    "isolation_level": "read committed",
    "connect_timeout": 5,
    "read_timeout": 60,  # a frozen server must not freeze its clients forever
    "write_timeout": 60,
    # For a page of twenty, an index intersection would read two indexes whole: a tenant's runs and all successes.
    "init_command": "SET sql_mode='STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',"
    " optimizer_switch='index_merge_intersection=off'",
}
