"""A pager's service: it takes one line of text with its id, for the one pager that it has."""

from __future__ import annotations

from testing.servers.webhook import Answer, Call, Webhook

PATH = "/page/0123456789abcdef"


def _answer(call: Call) -> Answer:
    body = call.json()
    if (call.method, call.path) != ("POST", PATH):
        return 404, {"code": 4, "reason": "no such pager"}
    if set(body) != {"page", "id"} or not 0 < len(body["page"]) <= 40 or "\n" in body["page"]:
        return 400, {"code": 3, "reason": "not a page"}
    return 200, {"code": 0, "reason": ""}


def pager() -> Webhook:
    return Webhook(_answer, PATH)
