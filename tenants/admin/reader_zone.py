"""Shows the admin's pages in the reader's time zone, which the browser sends in a cookie (static/platform/zone.js)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

COOKIE = "platform_zone"
PREFIX = "/admin/"


class ReaderZoneMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        name = request.COOKIES.get(COOKIE, "")
        if not request.path.startswith(PREFIX) or name not in _known_zone():
            return self.get_response(request)
        with timezone.override(ZoneInfo(name)):
            return self.get_response(request)


@cache
def _known_zone() -> frozenset[str]:
    return frozenset(available_timezones())
