from __future__ import annotations

from importlib.machinery import ModuleSpec

import pytest

from platform_site.config import database
from platform_site.config.env import SettingError


def test_sqlite_takes_the_write_lock_at_begin() -> None:
    config = database.database("sqlite:////tmp/x.sqlite3")
    assert config["NAME"] == "/tmp/x.sqlite3"
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_mysql_reads_what_is_committed_and_loses_no_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "find_spec", lambda name: ModuleSpec(name, None))
    config = database.database("mysql://job:a%2Fb@db:3307/jobs")
    assert (config["USER"], config["PASSWORD"], config["HOST"], config["PORT"]) == ("job", "a/b", "db", 3307)
    assert config["OPTIONS"]["isolation_level"] == "read committed"
    assert config["OPTIONS"]["charset"] == "utf8mb4"
    assert config["ENGINE"] == "common.framework.mysql"


def test_mysql_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"requirements/production\.txt"):
        database.database("mysql://job@db/jobs")


@pytest.mark.parametrize("url", ["oracle://db", "db", "mysql://u:secret@h:port/x"])
def test_another_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(SettingError) as caught:
        database.database(url)
    assert "secret" not in str(caught.value)
