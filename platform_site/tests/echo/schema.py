"""The columns of an echo task in the API."""

from __future__ import annotations

from typing import Annotated

from ninja import Schema

from common.rest.fields import Fields, schema_of_rule

from .kind import ECHO


class EchoFields(Fields):
    echo_text: Annotated[str, schema_of_rule(ECHO.rules["echo_text"])] | None = None


class EchoShown(Schema):
    echo_text: str
