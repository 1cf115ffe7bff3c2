"""An API of orders: pages, tokens that expire, basic authentication, uploads, and a service that fails twice."""

from __future__ import annotations

import base64
import re
from typing import Any

from testing.servers.site.message import Reply, Request, first_values, in_json, redirect
from testing.servers.site.state import Answer, State

_CITIES = ("上海", "北京", "广州", "深圳", "成都")
_CUSTOMERS = ("小米粥店", "老王五金", "Blue Bottle", "云上书屋")
ORDERS: list[dict[str, Any]] = [
    {
        "id": 1000 + number,
        "city": _CITIES[number % len(_CITIES)],
        "customer": _CUSTOMERS[number % len(_CUSTOMERS)],
        "amount": round(19.9 * (number % 7 + 1), 2),
        "status": "paid" if number % 4 else "refunded",
        "created_at": f"2027-03-{number % 28 + 1:02d}T09:{number % 60:02d}:00+08:00",
    }
    for number in range(47)
]
_MAX_USES = 2  # of a token


def _orders(state: State, request: Request) -> Reply:
    number, size = int(request.query.get("page", 1)), int(request.query.get("size", 10))
    rows = ORDERS[(number - 1) * size : number * size]
    content = {"total": len(ORDERS), "page": number, "items": rows}
    if number * size >= len(ORDERS):
        return in_json(content)
    return in_json(content, Link=f'<{_here(request)}?page={number + 1}&size={size}>; rel="next"')


def _here(request: Request) -> str:
    return f"http://{request.headers['host']}{request.path}"


def _token(state: State, request: Request) -> Reply:
    given = request.json()
    if (given.get("app_id"), given.get("app_secret")) != ("app-1", "s3cr3t"):
        return in_json({"error": "invalid_client"}, 401)
    return in_json({"access_token": f"token-{state.visits['/api/token']}", "expires_in": 7200})


def _with_token(state: State, request: Request) -> Reply:
    """Answer a call with a token, which expires after a few uses."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    state.visits[token] += 1
    if token != f"token-{state.visits['/api/token']}" or state.visits[token] > _MAX_USES:
        return in_json({"error": "token_expired"}, 401)
    return _orders(state, request)


def _with_password(state: State, request: Request) -> Reply:
    given = base64.b64decode(request.headers.get("authorization", "").removeprefix("Basic ")).decode()
    if given != "report:pa55":
        return in_json({"error": "unauthorized"}, 401, WWW_Authenticate='Basic realm="orders"')
    return _orders(state, request)


def _flaky(state: State, request: Request) -> Reply:
    count = state.visits[request.path]
    if count <= 2:
        return in_json({"error": "bad gateway"}, 502)
    return in_json({"ok": True, "tries": count})


def _echo(state: State, request: Request) -> Reply:
    """Answer with what came in, as httpbin does."""
    kind = request.headers.get("content-type", "")
    return in_json(
        {
            "method": request.method,
            "args": request.query,
            "form": first_values(request.body.decode()) if "urlencoded" in kind else {},
            "json": request.json() if "json" in kind else None,
            "user_agent": request.headers.get("user-agent", ""),
            "x_token": request.headers.get("x-token", ""),
        }
    )


def _upload(state: State, request: Request) -> Reply:
    found = re.findall(rb'name="(\w+)"(?:; filename="([^"]+)")?[^\r]*\r\n', request.body)
    return in_json({"fields": [[name.decode(), file.decode()] for name, file in found], "ok": bool(found)})


def _status(state: State, request: Request) -> Reply:
    status = int(request.path.rpartition("/")[2])
    return in_json({"status": status}, status)


def _short_link(state: State, request: Request) -> Reply:
    return redirect("/s/second" if request.path == "/s/first" else "/product/1001")


ROUTES: dict[str, Answer] = {
    "/api/orders": _orders,
    "/api/token": _token,
    "/api/private/orders": _with_token,
    "/api/basic/orders": _with_password,
    "/api/flaky": _flaky,
    "/api/upload": _upload,
    "/echo": _echo,
    "/status/": _status,
    "/s/": _short_link,
}
