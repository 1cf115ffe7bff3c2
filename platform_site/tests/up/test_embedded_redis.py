from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from platform_site.config.env import SettingError
from platform_site.up import embedded_redis


def executable(folder: Path, name: str) -> str:
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return str(path)


def test_a_server_on_path_goes_before_the_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert embedded_redis.binary() == embedded_redis.from_wheel()
    valkey = executable(tmp_path, "valkey-server")
    assert embedded_redis.binary() == valkey
    redis = executable(tmp_path, "redis-server")
    assert embedded_redis.binary() == redis


def test_without_any_the_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SettingError, match=r"^REDIS_URL: is not set, and this machine has no redis-server"):
        embedded_redis.binary()


def test_its_password_is_in_no_argument(tmp_path: Path) -> None:
    server = embedded_redis.new(tmp_path)
    password = server.commands[0].removeprefix("AUTH ")
    assert password in server.service.given
    assert password not in " ".join(server.service.command)
