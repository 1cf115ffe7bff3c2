"""docs/configuration.md names what is read, no more and no less."""

from __future__ import annotations

import os
import re
import runpy
from collections.abc import Iterator, MutableMapping

import pytest

from platform_site.config.data_dir import BASE_DIR
from platform_site.config.env import Reader

KEYS = {"SECRET_KEY": "x", "ENCRYPTION_KEYS": os.environ["ENCRYPTION_KEYS"]}


class Recorded(MutableMapping[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self, values: dict[str, str]) -> None:
        self.values_, self.asked = values, set[str]()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values_[name]

    def __setitem__(self, name: str, value: str) -> None:
        self.values_[name] = value

    def __delitem__(self, name: str) -> None:
        del self.values_[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


def asked_for(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """By the settings; the first system's DB_… only where one of them is set."""
    recorded = Recorded(dict(KEYS))
    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", recorded)
        runpy.run_path(str(BASE_DIR / "platform_site" / "config" / "settings.py"))
    recorded["DB_HOST"] = "127.0.0.1"
    Reader(recorded).database_url("")
    return {name for name in recorded.asked if name.isupper()}


def documented() -> set[str]:
    rows = re.findall(r"^\|([^|]*)\|", (BASE_DIR / "docs" / "configuration.md").read_text(), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([A-Z_0-9]+)`", row)}


def test_every_variable_that_is_read_is_documented_and_the_reverse(monkeypatch: pytest.MonkeyPatch) -> None:
    read = asked_for(monkeypatch)
    assert read - documented() == set()
    assert documented() - read == set()


def test_the_example_file_names_what_is_read_and_what_docker_compose_asks_for() -> None:
    """But for the first system's own names of the same things."""
    named = set(re.findall(r"^#?([A-Z_0-9]+)=", (BASE_DIR / ".env.example").read_text(), re.MULTILINE))
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", (BASE_DIR / "docker-compose.yml").read_text()))
    aliases = {name for name in documented() if name.startswith(("FLASK_", "DB_"))}
    assert named == (documented() | asked) - aliases
