"""Pages load nothing from elsewhere and run nothing that stands in them."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client

from testing.world import World, listing, page

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)


def policy(client: Client, address: str) -> dict[str, str]:
    header = client.get(address).headers["Content-Security-Policy"]
    return dict(part.split(" ", 1) for part in header.split("; "))


def test_nothing_comes_from_another_host_but_pictures(world: World) -> None:
    for address in ("/admin/", "/admin/login/", "/api/docs", "/api/openapi.json", "/healthz", "/nowhere"):
        found = policy(world.client("superuser"), address)
        assert found["default-src"] == "'none'"
        assert found["base-uri"] == found["frame-ancestors"] == "'none'"
        hosts = {name for name, sources in found.items() if re.search(r"https?:|\*", sources)}
        assert hosts == {"img-src"}, address


def test_only_the_admin_may_compile_expressions(world: World) -> None:
    client = world.client("superuser")
    assert policy(client, "/admin/")["script-src"] == "'self' 'unsafe-eval'"
    assert policy(client, "/api/docs")["script-src"] == "'self'"


def test_a_nonce_is_good_for_one_answer_and_the_page_knows_it(world: World) -> None:
    client = world.client("superuser")
    first, second = client.get("/admin/"), client.get("/admin/")
    nonces = [
        re.findall(r"'nonce-([\w-]{16,})'", answer.headers["Content-Security-Policy"])
        for answer in (first, second)
    ]
    assert nonces[0] != nonces[1]
    assert f'"nonce": "{nonces[0][0]}"' in first.content.decode()


class Inline(HTMLParser):
    """What the policy would refuse: scripts and styles that stand in the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        runs = tag == "script" and "src" not in given and given.get("type") != "application/json"
        handlers = [name for name in given if name.startswith("on")]
        if tag == "style" or runs or handlers:
            self.found.append(self.get_starttag_text() or tag)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_no_page_has_a_script_or_a_style_of_its_own(world: World, model: type[Model]) -> None:
    client = world.client("superuser")
    addresses = [listing(model)]
    if admin.site._registry[model].has_add_permission(client.get("/admin/").wsgi_request):
        addresses.append(listing(model) + "add/")
    if row := model._default_manager.first():
        addresses.append(page(row))
    for address in addresses:
        assert Inline(client.get(address).content.decode()).found == [], address


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/api/docs"])
def test_nor_have_the_pages_beside_them(world: World, address: str) -> None:
    assert Inline(world.client("superuser").get(address).content.decode()).found == []
