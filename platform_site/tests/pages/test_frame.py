"""What stands around the pages: errors in the house's look, the policy for the browser, links, empty lists."""

from __future__ import annotations

import pytest
from django.contrib.staticfiles import finders
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from notifications.models import NotifyChannel
from scheduling.models import Run, ScheduledTask
from testing.world import World, listing, page

ERRORS = {
    404: ("Page not found", "页面不存在"),
    403: ("You are not allowed to do this", "您无权这样做"),
    500: ("Something went wrong", "平台出错了"),
    400: ("This request can't be understood", "无法理解这个请求"),
}


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError


def suspicious(request: HttpRequest) -> HttpResponse:
    raise SuspiciousOperation


urlpatterns = [
    path("broken", broken),
    path("suspicious", suspicious),
    path("", include("platform_site.web.urls")),
]
ADDRESSES = {404: "/nothing", 403: "/admin/auth/user/", 500: "/broken", 400: "/suspicious"}


@override_settings(ROOT_URLCONF=__name__)
@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_an_error_is_told_in_the_readers_language(world: World, status: int, language: str) -> None:
    client = world.client("viewer", language)
    client.raise_request_exception = False
    answer = client.get(ADDRESSES[status])
    assert answer.status_code == status
    assert ERRORS[status][language != "en"] in answer.content.decode()
    assert 'href="/admin/"' in answer.content.decode()


def test_a_form_that_was_open_too_long_is_told_so(world: World) -> None:
    client = Client(enforce_csrf_checks=True, headers={"accept-language": "en"})
    answer = client.post("/admin/login/", {"username": "superuser"})
    assert answer.status_code == 403
    assert "open for too long" in answer.content.decode()


def test_the_home_page_is_the_admin() -> None:
    assert Client().get("/")["Location"] == "/admin/"


def test_the_icon_that_browsers_ask_for_everywhere_is_there() -> None:
    address = Client().get("/favicon.ico")["Location"]
    assert finders.find(address.removeprefix("/static/"))


def test_pages_run_no_script_but_the_platforms_own(world: World) -> None:
    policy = world.client("viewer").get("/admin/")["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-eval';" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_tools_are_linked(world: World, settings: object) -> None:
    shown = world.client("superuser").get("/admin/").content.decode()
    assert "/api/docs" in shown
    assert ":5555" in shown
    assert ":5555" not in world.client("viewer").get("/admin/").content.decode()


def test_an_empty_list_says_what_such_rows_are_for(world: World) -> None:
    client = world.client("admin")
    assert "A run is one execution of a task" in client.get(listing(Run)).content.decode()
    ScheduledTask.objects.all().delete()
    shown = client.get(listing(ScheduledTask)).content.decode()
    assert "A task calls a Dify app" in shown
    assert listing(ScheduledTask) + "add/" in shown


def test_who_may_not_add_is_not_told_to(world: World) -> None:
    NotifyChannel.objects.all().delete()
    shown = world.client("viewer").get(listing(NotifyChannel)).content.decode()
    assert "A channel is a group" in shown
    assert listing(NotifyChannel) + "add/" not in shown


def test_a_search_without_a_hit_offers_all(world: World) -> None:
    shown = world.client("admin").get(listing(ScheduledTask), {"q": "nowhere to be found"}).content.decode()
    assert "No matches" in shown
    assert 'href="?"' in shown


def test_the_header_shows_a_name_as_its_user_wrote_it(world: World) -> None:
    shown = world.client("admin").get(page(world.task)).content.decode()
    assert ">our report</span>" in shown or ">our report</a>" in shown
    assert ">Our report<" not in shown


def test_what_is_off_is_not_shown_as_an_error(world: World) -> None:
    NotifyChannel.objects.update(is_enabled=False)
    shown = world.client("admin").get(listing(NotifyChannel)).content.decode()
    assert 'aria-label="No"' in shown
    assert "close_small" not in shown


def test_a_list_is_counted_in_the_readers_language(world: World) -> None:
    assert "1 task" in " ".join(world.client("admin").get(listing(ScheduledTask)).content.decode().split())
    shown = world.client("admin", "zh-hans").get(listing(ScheduledTask)).content.decode()
    assert "共 1 个任务" in shown
    assert "来修改" not in shown
