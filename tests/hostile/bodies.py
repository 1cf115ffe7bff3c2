"""The API's bodies as its own schema describes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from platform_site.web.api import api

EMPTY: dict[Any, Any] = {
    "string": "x",
    "integer": 1,
    "number": 1.0,
    "boolean": True,
    "array": [],
    "object": {},
}


@dataclass(frozen=True)
class Operation:
    """`sample` is a body that is taken; None: it takes none. `fields` are the names of all that a body may have."""

    method: str
    template: str
    queries: tuple[str, ...]
    sample: Any
    fields: tuple[str, ...]


def operations() -> Iterator[Operation]:
    schema = api.get_openapi_schema(path_prefix="/api/")
    known = schema["components"]["schemas"]
    for template, methods in schema["paths"].items():
        for method, one in methods.items():
            queries = tuple(each["name"] for each in one.get("parameters", []) if each["in"] == "query")
            body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            sample = _sample(body, known) if body else None
            yield Operation(method.upper(), template, queries, sample, tuple(_fields(body or {}, known)))


def _meant(schema: Any, known: Any) -> Any:
    while "$ref" in schema or "anyOf" in schema:
        schema = known[schema["$ref"].rsplit("/", 1)[1]] if "$ref" in schema else schema["anyOf"][0]
    return schema


def _sample(schema: Any, known: Any) -> Any:
    meant = _meant(schema, known)
    if "examples" in meant:
        return meant["examples"][0]
    return meant["enum"][0] if "enum" in meant else EMPTY.get(meant.get("type"), {})


def _fields(schema: Any, known: Any) -> list[str]:
    return list(_meant(schema, known).get("properties", {}))
