"""The buttons for a task's hook."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from scheduling.models import Run, TaskHook
from testing.callers import Caller
from testing.world import World, page


def made(answer: Any) -> str:
    """The path of the address that the page shows, below /api."""
    [url] = re.findall(r'value="(http[^"]*/api/hooks/[^"]+)"', answer.content.decode())
    return str(urlsplit(url).path).removeprefix("/api")


def offered(client: Client, world: World) -> list[str]:
    return re.findall(
        r"scheduledtask/\d+/(\w*hook)/", client.get(page(world.task, "overview")).content.decode()
    )


def test_the_address_is_shown_once_and_runs_the_task(world: World) -> None:
    client = world.client("admin")
    path = made(client.post(page(world.task, "hook")))
    assert Caller().post(path).status_code == 202
    assert Run.objects.get().task == world.task
    assert path not in client.get(page(world.task, "overview")).content.decode()


def test_a_hook_is_replaced_and_revoked(world: World) -> None:
    client = world.client("admin")
    old = made(client.post(page(world.task, "hook")))
    new = made(client.post(page(world.task, "new_hook")))
    assert (Caller().post(old).status_code, Caller().post(new).status_code) == (404, 202)
    client.post(page(world.task, "revoke_hook"))
    assert Caller().post(new).status_code == 404
    assert not TaskHook.objects.exists()


def test_the_page_offers_what_makes_sense(world: World) -> None:
    client = world.client("admin")
    assert offered(client, world) == ["hook"]
    client.post(page(world.task, "hook"))
    assert offered(client, world) == ["new_hook", "revoke_hook"]


@pytest.mark.parametrize("who", ["viewer", "operator"])
def test_a_hook_belongs_to_admins(world: World, who: str) -> None:
    client = world.client(who)
    assert client.post(page(world.task, "hook")).status_code == 403
    assert "hook/" not in client.get(page(world.task, "overview")).content.decode()
    assert not TaskHook.objects.exists()
