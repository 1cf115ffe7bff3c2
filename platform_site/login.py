"""The admin's log-in page, which makes who guesses passwords wait."""

from __future__ import annotations

import math

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from tenants import throttle
from tenants.api.auth import remote_addr


def login(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return admin.site.login(request)
    username, address = request.POST.get("username", ""), remote_addr(request)
    if wait := throttle.login(username, address):
        return _told_to_wait(request, math.ceil(wait))
    answer = admin.site.login(request)
    if answer.status_code == 302:  # where the password is wrong, the form is shown again
        throttle.logged_in(username, address)
    return answer


def _told_to_wait(request: HttpRequest, seconds: int) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": _("Log in"),
        "minutes": math.ceil(seconds / 60),
    }
    return TemplateResponse(
        request, "platform/login_refused.html", context, status=429, headers={"Retry-After": str(seconds)}
    )
