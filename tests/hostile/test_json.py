from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.hostile.bodies import operations
from tests.hostile.requests import FORM, JSON, Asked, some
from tests.hostile.routes import Route, path_of
from tests.hostile.sending import Sender
from tests.hostile.values import JSON_BODIES, JSONS, RAW_JSON

ASKS_OTHERS = ("/test", "/test-connection")  # with arguments that exist they would call a robot or a Dify
CONTENT_TYPES = (
    JSON,
    "",
    FORM,
    "multipart/form-data",
    "text/xml; charset=utf-16",
    "application/json; charset=utf-16",
)
INSTEAD = "instead"
NEAR = {"dify_url": "http://127.0.0.1:1/v1", "stream": True}  # nothing is waited for


def requests() -> Iterator[Asked]:
    for one in operations():
        if one.method == "GET" or (one.sample is None and one.template.endswith(ASKS_OTHERS)):
            continue
        path = path_of(Route(one.template, ""))
        for content_type in CONTENT_TYPES:
            for body in JSON_BODIES:
                yield Asked(one.method, path, "", body, content_type)
        if isinstance(one.sample, dict):
            whole = one.sample | {name: value for name, value in NEAR.items() if name in one.fields}
            for name in (*one.fields, "nothing", "__class__"):
                yield from (Asked(one.method, path, "", body, JSON) for body in with_each(whole, name))


def with_each(whole: dict[str, Any], name: str) -> Iterator[bytes]:
    for value in JSONS:
        yield json.dumps(whole | {name: value}).encode()
    template = json.dumps(whole | {name: INSTEAD}).encode()
    for raw in RAW_JSON:
        yield template.replace(f'"{INSTEAD}"'.encode(), raw)


def test_no_json_gives_a_500_and_what_is_refused_changes_nothing(sending: Sender) -> None:
    for who, asked in some(requests(), 41):
        sending.send(who, asked)
