"""The Content-Security-Policy of every response. Django 6.0 has a middleware for it, which will replace this one.

docs/admin.md says what each source is for, and what was tried to do without it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

SOURCES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "font-src": "'self'",
    "connect-src": "'self'",
    "img-src": "'self' data: https:",  # pictures of messages, in their previews
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}
ADMIN_SOURCES = SOURCES | {
    "script-src": "'self' 'unsafe-eval'",  # unfold's pages are made of attributes that Alpine compiles
    "style-src": "'self' 'nonce-{nonce}'",  # CodeMirror's style element
    "style-src-attr": "'unsafe-inline'",  # the width of unfold's bar of actions in lists
}


def _policy(sources: dict[str, str]) -> str:
    return "; ".join(f"{name} {value}" for name, value in sources.items())


POLICY, ADMIN_POLICY = _policy(SOURCES), _policy(ADMIN_SOURCES)


def nonce(request: HttpRequest) -> str:
    """Return the nonce of this request's response, the same each time."""
    found: str = request.__dict__.setdefault("_csp_nonce", secrets.token_urlsafe(16))
    return found


class ContentSecurityPolicyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        is_admin = request.path.startswith(reverse("admin:index"))
        policy = ADMIN_POLICY.format(nonce=nonce(request)) if is_admin else POLICY
        response.headers["Content-Security-Policy"] = policy
        return response
