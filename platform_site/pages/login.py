"""The admin's log-in and log-out, both recorded in the audit log. Somebody who guesses passwords has to wait.

Until somebody has logged in, the page says where the first password is.
"""

from __future__ import annotations

import math
from dataclasses import replace

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from tenants import audit, throttle
from tenants.access import SYSTEM
from tenants.api.auth import remote_addr


def login(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    username, address = request.POST.get("username", ""), remote_addr(request)
    if wait := throttle.login(username, address):
        # Once in a window: a machine that goes on guessing must not fill the audit log.
        if not throttle.seconds_to_wait(f"refused:{address}", 1, settings.LOGIN_ATTEMPTS_SECONDS):
            _record("login_refused", username, address)
        return _wait_page(request, math.ceil(wait))
    answer = _page(request)
    if answer.status_code == 302:  # where the password is wrong, the form is shown again
        throttle.logged_in(username, address)
        _record("login", username, address)
    else:
        _record("login_failed", username, address)
    return answer


def logout(request: HttpRequest) -> HttpResponse:
    username = request.user.get_username() if request.user.is_authenticated else ""
    answer = admin.site.logout(request)
    if username and request.method == "POST":
        _record("logout", username, remote_addr(request))
    return answer


def _page(request: HttpRequest) -> HttpResponse:
    return admin.site.login(request, {"is_first_login": _nobody_has_logged_in})


def _nobody_has_logged_in() -> bool:
    return not User.objects.filter(last_login__isnull=False).exists()


def _record(action: str, username: str, address: str) -> None:
    """Record the act in the audit log.

    A name that nobody has is not kept: it may be a password, typed in the wrong field.
    """
    user = User.objects.filter(username=username).first() or User()
    actor = replace(SYSTEM, username=user.username, user_id=user.pk or 0, remote_addr=address)
    audit.record(actor, action, user)


def _wait_page(request: HttpRequest, seconds: int) -> HttpResponse:
    context = admin.site.each_context(request) | {
        "title": _("Log in"),
        "minutes": math.ceil(seconds / 60),
    }
    return TemplateResponse(
        request, "platform/login_refused.html", context, status=429, headers={"Retry-After": str(seconds)}
    )
