"""docs/api.md: every call works as it is written there, and none is missing."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils import timezone

from platform_site.web.api import api
from scheduling.models import FailureGroup
from tenants import tokens
from tenants.access import SYSTEM
from testing.callers import user
from testing.servers.robots import Robots

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "api.md"
FORM = "application/x-www-form-urlencoded"  # as curl -d says
FINGERPRINT = "8f14e45fceea167a5a36dedd4bea2543"
CALL = re.compile(r"^(curl .*?)\s+# (\d{3})$", re.MULTILINE)


@dataclass(frozen=True)
class Call:
    """What a line of curl asks for, in the options that the document uses."""

    method: str
    url: str
    body: str
    headers: dict[str, str]
    status: int


def calls(variables: dict[str, str]) -> Iterator[Call]:
    """`variables` may be set between one call and the next."""
    for line, status in CALL.findall(DOCUMENT.read_text("utf-8")):
        yield _call(_words(line, variables), int(status))


def _words(line: str, variables: dict[str, str]) -> list[str]:
    for name, value in variables.items():
        line = line.replace(f"${name}", value)
    return shlex.split(line)[1:]


def _call(words: list[str], status: int) -> Call:
    method, body, headers, url = "", "", {}, ""
    rest = iter(words)
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-d":
            body = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        else:
            assert not word.startswith("-")
            assert not url
            url = word
    return Call(method or ("POST" if body else "GET"), url, body, headers, status)


@pytest.mark.django_db(reset_sequences=True, transaction=True)
def test_every_example_answers_as_documented() -> None:
    token = tokens.issue(user("admin", is_superuser=True), "docs", SYSTEM)[1]
    now = timezone.now()
    FailureGroup.objects.create(
        pk=FINGERPRINT,
        task_id=1,
        error_code="timeout",
        first_at=now,
        last_at=now,
        opened_at=now,
        last_run_id=1,
    )
    with Robots() as robots:
        variables = {
            "API": "/api",
            "AUTH": f"Authorization: Bearer {token}",
            "ROBOT": robots.dingtalk().url,
            "WECOM": robots.base,
            "DIFY": robots.base,
            "FAILURE": FINGERPRINT,
        }
        for call in calls(variables):
            answer = Client(headers=call.headers).generic(call.method, call.url, call.body, FORM)
            assert answer.status_code == call.status, (call, answer.content)
            said = answer.json() if answer.content else {}
            if "test_id" in said:
                variables["TEST"] = said["test_id"]
            if call.url.endswith("/hook") and "url" in said:
                variables["HOOK"] = urlsplit(said["url"]).path


def test_every_endpoint_has_an_example() -> None:
    paths = api.get_openapi_schema(path_prefix="/api/")["paths"]
    described = {(method.upper(), path) for path, methods in paths.items() for method in methods}
    shown = {
        (call.method, _pattern(call.url))
        for call in calls({"API": "/api", "TEST": "x", "HOOK": "/api/hooks/x", "FAILURE": FINGERPRINT})
    }
    assert described == shown


def _pattern(url: str) -> str:
    """/api/task-logs/1 -> /api/task-logs/{log_id}"""
    path = urlsplit(url).path
    try:
        route = resolve(path).route
    except Resolver404:
        pytest.fail(f"{path} leads nowhere")
    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(route))
