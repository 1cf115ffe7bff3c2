"""The responses of endpoints: declared for OpenAPI, written as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Schema
from ninja.renderers import BaseRenderer
from ninja.responses import NinjaJSONEncoder

from common.rest.encoding import json_bytes


class FieldProblem(Schema):
    field: str
    message: str


class ProblemShown(Schema):
    """An error, as an RFC 9457 problem."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem]


def answers(ok: dict[int, Any], *problems: int) -> dict[int, Any]:
    """Return the responses by status of an endpoint that asks who calls: each may give 401, and 429 to wrong tokens."""
    return answers_to_anyone(ok, 401, 429, *problems)


def answers_to_anyone(ok: dict[int, Any], *problems: int) -> dict[int, Any]:
    return ok | dict.fromkeys(problems, ProblemShown)


class Encoder(NinjaJSONEncoder):
    """Writes times with their microseconds, so that what was read can be sent back unchanged."""

    def default(self, o: Any) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


class Renderer(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return json_bytes(data, Encoder)
