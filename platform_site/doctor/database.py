"""Checks of the database: does it answer, is it new enough, has every migration been applied?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from platform_site.doctor.finding import Finding, ok, problem, warning


def findings() -> Iterator[Finding]:
    try:
        yield version(connection)
        yield migrations()
    except DatabaseError as error:
        yield problem(
            "database",
            f"it does not answer: {error.args[-1]}",
            "Start the database, or correct DATABASE_URL.",
        )


def version(database: Any) -> Finding:
    """Report the server's version. Django itself refuses one that is too old, with a DatabaseError."""
    database.ensure_connection()
    if database.vendor == "sqlite":
        return sqlite()
    name = "MariaDB" if database.mysql_is_mariadb else "MySQL"
    return ok("database", f"{name} {'.'.join(map(str, database.mysql_version))}")


def sqlite() -> Finding:
    found = f"SQLite {sqlite3.sqlite_version}, {settings.DATABASES['default']['NAME']}"
    with connection.cursor() as cursor:
        mode = cursor.execute("PRAGMA journal_mode").fetchone()[0]
    if mode != "wal":
        return warning(
            "database",
            f"{found}, journal mode {mode}",
            "Keep the file on a local disk: WAL needs shared memory.",
        )
    return ok("database", found)


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in missing[:3])
        return problem(
            "database", f"{len(missing)} migrations are missing: {names}", "Run `manage.py migrate`."
        )
    return ok("database", "all migrations are applied")
