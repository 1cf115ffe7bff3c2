"""No page asks for what its Content-Security-Policy refuses: `open_page` fails the test for each refusal."""

from __future__ import annotations

from django.contrib import admin
from playwright.sync_api import expect

from testing.world import World, listing, page
from tests.browser.conftest import Open


def test_every_list_and_its_form_keep_to_it(world: World, open_page: Open) -> None:
    shown = open_page("/admin/", who="superuser")
    request = world.client("superuser").get("/admin/").wsgi_request
    for model, registered in admin.site._registry.items():
        adds = [listing(model) + "add/"] if registered.has_add_permission(request) else []
        for address in (listing(model), *adds):
            shown.goto(address)
            expect(shown.locator("#content")).to_be_visible()


def test_a_menu_and_a_dialog_of_unfold_still_open(world: World, open_page: Open) -> None:
    shown = open_page(page(world.task), who="superuser")
    shown.locator("#nav-sidebar-inner").get_by_text("superuser", exact=True).click()
    expect(shown.get_by_role("button", name="English")).to_be_visible()
    shown.goto(page(world.task, "delete"))
    expect(shown.locator("#content")).to_contain_text("our report")


def test_the_documentation_of_the_api_keeps_to_it(open_page: Open) -> None:
    shown = open_page("/api/docs")
    expect(shown.locator(".swagger-ui .title")).to_contain_text("Task platform")
