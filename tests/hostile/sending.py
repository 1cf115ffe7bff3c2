"""Sends requests, undoes what each has done, and gathers what was wrong."""

from __future__ import annotations

import logging
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any

from django.db import connection, transaction
from django.test import Client

from testing.world import World
from tests.hostile.requests import SUPERUSER, Asked

WRITE = re.compile(r"\s*(?:INSERT INTO|UPDATE|DELETE FROM) [`\"]?(\w+)", re.IGNORECASE)
SAVEPOINT = re.compile(r"(SAVEPOINT|ROLLBACK TO SAVEPOINT) (\S+)")
# Who asked, and when, may be kept of what was refused.
KEPT = {"platform_audit_log", "django_session", "auth_user"}
WITH_ERRORS = b"errornote"  # a form of the admin's that was not saved
UNREADY = "/readyz"  # its 503 is an answer


class Writes:
    """The tables in which rows were changed, without what was rolled back."""

    def __init__(self) -> None:
        self.tables: list[str] = []
        self.marks: dict[str, int] = {}

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if found := WRITE.match(sql):
            self.tables += [found[1]] if context["cursor"].rowcount else []
        elif found := SAVEPOINT.match(sql):
            self.marks.setdefault(found[2], len(self.tables))
            if found[1] != "SAVEPOINT":
                del self.tables[self.marks[found[2]] :]
        return result


class Tracebacks(logging.Handler):
    """What was logged with one; stands behind the platform's own handler, which leaves those of refusals out."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info:
            self.said.append(f"{record.name}: {record.getMessage()[:60]}")


class Sender:
    """`faults`: what was wrong, by its cause."""

    def __init__(self, clients: dict[str, Client]) -> None:
        self.clients = clients
        self.cookies = {who: client.cookies.output(header="") for who, client in clients.items()}
        self.tracebacks = Tracebacks()
        self.faults: dict[str, list[str]] = {}
        self.sent = 0

    def page(self, path: str) -> str:
        """Return what a superuser is shown there; "" where that is no page."""
        answer = self.clients[SUPERUSER].get(path)
        is_page = answer.status_code == 200 and "html" in answer.headers["Content-Type"]
        return answer.content.decode() if is_page else ""

    def send(self, who: str, asked: Asked) -> None:
        client, writes = self.clients[who], Writes()
        environ: dict[str, Any] = {**asked.headers}
        client.cookies = SimpleCookie(self.cookies[who])  # one that has logged out is there again
        self.tracebacks.said.clear()
        with transaction.atomic(), connection.execute_wrapper(writes):
            answer = client.generic(
                asked.method,
                asked.path,
                asked.body,
                asked.content_type,
                QUERY_STRING=asked.query,
                **environ,
            )
            for cause in _wrong(answer, asked, writes, self.tracebacks.said):
                self.faults.setdefault(cause, []).append(f"{who} {_shown(asked)}")
            if answer.streaming:
                answer.getvalue()  # which closes its file
            transaction.set_rollback(True)
        self.sent += 1


def _wrong(answer: Any, asked: Asked, writes: Writes, said: list[str]) -> Iterator[str]:
    if answer.status_code >= 500 and asked.path != UNREADY:
        yield f"{answer.status_code}: {_cause(answer.exc_info[1]) if answer.exc_info else 'said so'}"
    else:
        yield from (f"a traceback in the log: {line}" for line in said)
    is_refused = answer.status_code >= 400 or (not answer.streaming and WITH_ERRORS in answer.content)
    if is_refused and (left := set(writes.tables) - KEPT):
        yield f"{answer.status_code}, and rows were changed in {', '.join(sorted(left))}"


def _cause(error: BaseException) -> str:
    """Return its kind, and where it came from: the same for the same fault."""
    places = [f"{frame.filename[-50:]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)]
    ours = [place for place in places if "site-packages" not in place and "/django/" not in place]
    return (
        f"{type(error).__name__} at {places[-1]}, from {ours[-1] if ours else places[0]}: {str(error)[:100]}"
    )


def _shown(asked: Asked) -> str:
    at = f"{asked.method} {asked.path[:200]}?{asked.query[:200]}"
    return f"{at} {asked.headers} {asked.content_type[:50]} {asked.body[:500]!r}"


@contextmanager
def sender(world: World) -> Iterator[Sender]:
    """Raises AssertionError for what was found."""
    clients = {"stranger": Client()} | {
        who: world.client(who) for who in (SUPERUSER, "viewer", "operator", "admin")
    }
    for client in clients.values():
        client.raise_request_exception = False
    found = Sender(clients)
    logging.getLogger().addHandler(found.tracebacks)
    try:
        yield found
    finally:
        logging.getLogger().removeHandler(found.tracebacks)
    assert found.sent > 100
    told = [f"{len(asked)} × {cause}\n    {asked[0]}" for cause, asked in found.faults.items()]
    assert not told, "\n".join([f"Of {found.sent} requests:", *told])
