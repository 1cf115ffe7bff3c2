"""Content-Security-Policy of the pages, as tight as unfold allows (docs/admin.md says what it needs)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

API = "/api/"  # its documentation page loads its viewer from a CDN
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-eval'",  # Alpine evaluates the expressions in unfold's attributes
        "style-src 'self' 'unsafe-inline'",  # unfold's colours, the chat's look, CodeMirror's styles
        "img-src 'self' data: https: http:",  # what a message shows in its preview
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)


class ContentSecurityPolicyMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path.startswith(API):
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response
