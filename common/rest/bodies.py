"""Reads a request's body: strict JSON, or a problem that says what is wrong with it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser

from common.rest.problems import FieldError, UnprocessableError
from common.strict_json import MalformedJsonError, parse_json


class StrictParser(Parser):
    def parse_body(self, request: HttpRequest) -> Any:
        return read(request.body)


def read(body: bytes) -> Any:
    """Return the JSON value of a body. Raises UnprocessableError."""
    try:
        return parse_json(body)
    except MalformedJsonError as error:
        raise UnprocessableError([FieldError("", str(error))], code="malformed_json") from None
