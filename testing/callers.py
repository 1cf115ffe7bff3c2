"""Callers of the REST API in tests, each with a token of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from tenants import tokens
from tenants.access import SYSTEM
from tenants.models import Tenant, TenantMember

JSON = "application/json"


class Caller:
    """Speaks JSON with a bearer token; `Accept-Language` decides the language of messages."""

    def __init__(self, token: str = "", language: str = "en") -> None:
        self.token = token
        headers = {"accept-language": language} | ({"authorization": f"Bearer {token}"} if token else {})
        self.client = Client(headers=headers)

    def in_language(self, language: str) -> Caller:
        return Caller(self.token, language)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(f"/api{path}", query)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("POST", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("PUT", path, body, headers)

    def delete(self, path: str) -> Any:
        return self._send("DELETE", path, None, {})

    def send(self, method: str, path: str, body: Any = None) -> Any:
        return self._send(method, path, body, {})

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        return self.client.generic(
            method,
            f"/api{path}",
            _encoded(body),
            content_type=JSON,
            headers=headers,
        )


def _encoded(body: Any) -> str | bytes:
    """Encode the body as JSON; text and bytes are sent as they are, None is an empty body."""
    if body is None:
        return b""
    return body if isinstance(body, str | bytes) else json.dumps(body)


def tenant(code: str = "acme", **columns: Any) -> Tenant:
    return Tenant.objects.get_or_create(code=code, defaults={"name": code.title()} | columns)[0]


def user(name: str, roles: Mapping[str, str] | None = None, *, is_superuser: bool = False) -> User:
    """Create a user with `roles`, {tenant's code: role}; tenants that are missing are created."""
    row = User.objects.create_user(name, password="a long one, please", is_superuser=is_superuser)
    for code, role in (roles or {}).items():
        TenantMember.objects.create(user=row, tenant=tenant(code), role=role)
    return row


def superuser(name: str = "root") -> Caller:
    return Caller(tokens.issue(user(name, is_superuser=True), "test", SYSTEM)[1])


def member(role: str, code: str = "acme", name: str = "") -> Caller:
    return Caller(tokens.issue(user(name or f"{code}-{role}", {code: role}), "test", SYSTEM)[1])


def fields(response: Any) -> set[str]:
    """Return the names of the fields that a 422 response complains about."""
    return {error["field"] for error in response.json()["errors"]}


def has_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)
