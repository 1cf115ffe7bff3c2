"""Users' templates (webhook body, Dify question and user, message), in Jinja's sandbox and with bounds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from jinja2 import TemplateError

from common import bounded_jinja

MOST_CHARACTERS = 1 << 20
LONGEST_SOURCE = 256 << 10


class WrongTemplate(ValueError):
    """Its text says where and what."""


ENVIRONMENT = bounded_jinja.BoundedEnvironment()
ENVIRONMENT.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": False}
ENVIRONMENT.filters["tojson"] = bounded_jinja.measured(
    "tojson", lambda value, indent=None: json.dumps(value, ensure_ascii=False, indent=indent)
)


def render(source: str, values: Mapping[str, Any]) -> str:
    """Raises WrongTemplate, also for a name that is not among `values`."""
    pieces, size = [], 0
    bounded_jinja.begin()
    _refuse_length(source)
    try:
        for piece in ENVIRONMENT.from_string(source).generate(**values):
            size += len(piece)
            if size > MOST_CHARACTERS:
                raise WrongTemplate("The template makes more than 1 MiB of text.")
            pieces.append(piece)
    except WrongTemplate:
        raise
    except TemplateError as error:
        raise WrongTemplate(f"{error.message}{_line(error)}") from None
    except Exception as error:  # a template may call anything on its values
        raise WrongTemplate(f"{type(error).__name__}: {error}") from None
    return "".join(pieces)


def check(source: str) -> None:
    """Raises WrongTemplate where the syntax is wrong."""
    _refuse_length(source)
    try:
        ENVIRONMENT.parse(source)
    except TemplateError as error:
        raise WrongTemplate(f"{error.message}{_line(error)}") from None


def _refuse_length(source: str) -> None:
    if len(source) > LONGEST_SOURCE:
        raise WrongTemplate("The template is longer than 256 KiB.")


def _line(error: TemplateError) -> str:
    line = getattr(error, "lineno", None)
    return f" (line {line})" if line else ""
