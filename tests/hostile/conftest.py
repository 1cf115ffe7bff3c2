from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings

from scheduling.tests.conftest import no_sandbox_is_left
from testing.every_page import a_row_of_everything
from testing.world import World
from testing.world import world as new_world
from tests.hostile.sending import Sender, sender

__all__ = ["no_sandbox_is_left"]


@pytest.fixture
def world(db: None) -> World:
    found = new_world()
    a_row_of_everything(found)
    return found


@pytest.fixture
def sending(world: World, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sender]:
    """Nobody is told to wait, so that each request is answered for what it is; no name of a host is known."""
    settings.WRONG_TOKENS_PER_MINUTE = settings.LOGIN_ATTEMPTS = settings.HOOK_CALLS_PER_MINUTE = 10**9

    known = socket.getaddrinfo

    def near(host: Any, *arguments: Any, **options: Any) -> Any:
        if host in ("127.0.0.1", "localhost"):  # Redis
            return known(host, *arguments, **options)
        raise socket.gaierror(socket.EAI_NONAME, "no such host")

    monkeypatch.setattr(socket, "getaddrinfo", near)
    with sender(world) as found:
        yield found
