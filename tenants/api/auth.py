"""The caller of the API: a bearer token, or the admin's session with its CSRF token."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.security import HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from common.rest.problems import ForbiddenError, ProblemError, TooManyRequestsError, UnauthorizedError
from tenants import throttle, tokens
from tenants.access import Actor, actor_of


class Token(HttpBearer):
    """A bearer token. A wrong one is refused even where there is a valid session as well."""

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        row = tokens.find(token, timezone.now())
        if row is None:
            raise refusal(request)
        return _membership(actor_of(row.user, row, remote_addr(request)))


def refusal(request: HttpRequest) -> ProblemError:
    """Return the error for an invalid token, which is counted: too many are answered by "too many requests"."""
    wait = throttle.wrong_token(remote_addr(request))
    return TooManyRequestsError(wait) if wait else UnauthorizedError()


class Session(AuthBase):
    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME

    def __call__(self, request: HttpRequest) -> Actor | None:
        if not request.user.is_authenticated:
            return None
        # Read here so that it is kept: the check looks for a form's token, and would use up a multipart body.
        request.body  # noqa: B018
        if check_csrf(request) is not None:
            raise ForbiddenError(_("The CSRF token is missing or wrong."), code="csrf")
        return _membership(actor_of(request.user, remote_addr=remote_addr(request)))


def _membership(actor: Actor) -> Actor:
    """Return the actor. Raises UnauthorizedError for one without rights in any tenant: a removed member's token."""
    if not actor.everything and not actor.roles:
        raise UnauthorizedError
    return actor


def caller(request: HttpRequest) -> Actor:
    actor = request.auth  # type: ignore[attr-defined]
    assert isinstance(actor, Actor)
    return actor


def remote_addr(request: HttpRequest) -> str:
    """Return the client's address. Behind a proxy that we trust, it is the last one named: the proxy has added it."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return (forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", ""))[:45]
