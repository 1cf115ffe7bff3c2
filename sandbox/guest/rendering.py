"""Users' templates in Jinja's sandbox. The jail limits their time and their memory."""

from __future__ import annotations

import json
from typing import Any

import jinja2.debug  # Jinja imports it only when a template fails: then the jail lets nothing be read from disk
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sandbox.guest.template_names import read_names

_MAX_WORDS = 32768  # characters; the host, which knows the secrets, cuts what is shown
_MAX_TEXT = 1 << 20  # characters
_ENVIRONMENT = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True
)
_ENVIRONMENT.filters["tojson"] = lambda value, indent=None: json.dumps(
    value, ensure_ascii=False, indent=indent
)
# The first rendering builds tables that all later ones share.
_ENVIRONMENT.from_string("{% for a in b %}{{ a|tojson ~ loop.index }}{% endfor %}").render(b=[{}])
assert jinja2.debug


def check(order: dict[str, Any]) -> dict[str, Any]:
    """Check the order {"sources"}. Return {"checked": {"wrong", "uses", "needs"} for each source}.

    "wrong" is "" where the syntax is right. For "uses" and "needs" see `read_names`.
    """
    return {"checked": [_checked(source) for source in order["sources"]]}


def _checked(source: str) -> dict[str, Any]:
    try:
        tree = _ENVIRONMENT.parse(source)
        uses, needs = read_names(tree)
        _ENVIRONMENT.compile(tree)
    except MemoryError:
        raise
    except Exception as error:
        return {"wrong": _error_text(error), "uses": [], "needs": []}
    return {"wrong": "", "uses": uses, "needs": needs}


def render(order: dict[str, Any]) -> dict[str, Any]:
    """Render the order {"source", "values"}. Return {"text"}, or {"wrong"} with the reason why there is none."""
    pieces, size = [], 0
    try:
        for piece in _ENVIRONMENT.from_string(order["source"]).generate(order["values"]):
            size += len(piece)
            if size > _MAX_TEXT:
                return {"wrong": "The template produces more than 1 MiB of text."}
            pieces.append(piece)
    except MemoryError:
        raise
    except Exception as error:  # a template may call anything on its values
        return {"wrong": _error_text(error)}
    return {"text": "".join(pieces)}


def _error_text(error: Exception) -> str:
    if not isinstance(error, TemplateError):
        return f"{type(error).__name__}: {error}"[:_MAX_WORDS]
    line = getattr(error, "lineno", None)
    where = f" (line {line})" if line else ""
    return f"{(error.message or type(error).__name__)[:_MAX_WORDS]}{where}"
