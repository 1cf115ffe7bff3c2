"""The way from the admin to Flower."""

from __future__ import annotations

import pytest
from pytest_django.fixtures import Settings

from testing.world import World


def page(world: World, user: str) -> str:
    return world.client(user).get("/admin/", headers={"host": "localhost:8000"}).content.decode()


def test_a_superuser_finds_flower_at_its_port_of_the_same_host(world: World, settings: Settings) -> None:
    assert f'href="http://localhost:{settings.FLOWER_PORT}"' in page(world, "superuser")


def test_the_operator_may_name_its_address(world: World, settings: Settings) -> None:
    settings.FLOWER_URL = "https://flower.example.com/"
    assert 'href="https://flower.example.com"' in page(world, "superuser")


@pytest.mark.parametrize("user", ["viewer", "operator", "admin"])
def test_nobody_else_is_led_to_it(world: World, user: str) -> None:
    assert "Flower" not in page(world, user)
