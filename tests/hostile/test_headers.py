from __future__ import annotations

from collections.abc import Iterator

from tests.hostile.requests import Asked, some
from tests.hostile.sending import Sender
from tests.hostile.values import COOKIES, HEADERS

NAMES = (
    "ACCEPT", "ACCEPT_ENCODING", "ACCEPT_LANGUAGE", "AUTHORIZATION", "COOKIE", "HOST", "IDEMPOTENCY_KEY",
    "IF_MATCH", "IF_MODIFIED_SINCE", "IF_NONE_MATCH", "ORIGIN", "RANGE", "REFERER", "TRACEPARENT",
    "X_CSRFTOKEN", "X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PROTO", "X_HTTP_METHOD_OVERRIDE", "X_REQUEST_ID",
)  # fmt: skip
PATHS = (
    "/", "/healthz", "/readyz", "/metrics", "/metrics/demand", "/i18n/setlang/", "/api/openapi.json", "/api/docs",
    "/api/scheduled-tasks", "/api/scheduled-tasks/1", "/api/hooks/x", "/admin/", "/admin/login/", "/admin/logout/",
    "/admin/search/", "/admin/jsi18n/", "/admin/password_change/", "/admin/scheduling/run/",
    "/static/platform/acts.js", "/static/nothing", "/static/%00", "/static/%ff", "/static/..%2f..%2fmanage.py",
)  # fmt: skip
METHODS = ("OPTIONS", "HEAD", "TRACE", "CONNECT", "PATCH", "get", "\xff", "A" * 300)


def requests() -> Iterator[Asked]:
    for path in PATHS:
        for method in METHODS:
            yield Asked(method, path)
        for name in NAMES:
            for number, value in enumerate((*HEADERS, *COOKIES)):
                method, body = ("POST", b"a=1") if number % 3 == 0 else ("GET", b"")
                yield Asked(method, path, "", body, headers={f"HTTP_{name}": value})


def test_no_header_gives_a_500(sending: Sender) -> None:
    for who, asked in some(requests(), 159):
        sending.send(who, asked)
