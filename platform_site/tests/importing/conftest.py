"""An old database in SQLite."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from platform_site.tests.importing.running import Old


@pytest.fixture
def sqlite_old(tmp_path: Path) -> Old:
    def made(schema: str) -> str:
        """Without a schema, the one that is there."""
        if schema:
            (tmp_path / "old.db").unlink(missing_ok=True)
        with closing(sqlite3.connect(tmp_path / "old.db")) as database:
            database.executescript(schema)
        return f"sqlite:///{tmp_path / 'old.db'}"

    return made
