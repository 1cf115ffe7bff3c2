"""Time zones on a host that has none of its own, as a slim image."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterator

import pytest

from sandbox.host.errors import SandboxUnavailableError
from sandbox.host.runner import Context, Runner, Script
from sandbox.host.zones import zones_dir


@pytest.fixture(autouse=True)
def _host_without_zones() -> Iterator[None]:
    zoneinfo.reset_tzpath(["/nowhere"])
    yield
    zoneinfo.reset_tzpath()


def test_the_package_stands_in_for_the_system() -> None:
    source = """
import os
import zoneinfo
there = datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo('Asia/Shanghai')).utcoffset()
here = datetime(2026, 7, 1).astimezone().utcoffset()
result = [there.total_seconds(), here.total_seconds(), os.path.exists(zoneinfo.TZPATH[0] + '/__init__.py')]
"""
    with Runner() as runner:
        result = runner.run(Script(source, context=Context(timezone="Europe/Paris")), grants={})
    assert (result.error, result.result) == ("", [28800, 7200, True])


def test_a_host_with_neither_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SandboxUnavailableError, match="install tzdata"):
        zones_dir()
