"""The first thing that is wrong with a payload, by the services' JSON Schemas and their limits in bytes."""

import base64
import binascii
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

SCHEMAS = Path(__file__).parents[2] / "fixtures" / "bots" / "schemas"


@dataclass(frozen=True)
class Violation:
    """`path` is like `news.articles[0].url`; `limit` is the value of the broken rule."""

    path: str
    rule: str
    limit: Any = None


def first_violation(schema: str, body: Any) -> Violation | None:
    validator = _validator(schema)
    limit = validator.schema.get("x-maxBodyBytes")
    if limit and _bytes(json.dumps(body, ensure_ascii=False, separators=(",", ":"))) > limit:
        return Violation("", "maxBodyBytes", limit)
    error = next(validator.iter_errors(body), None)
    return _violation(_deepest(error)) if error else None


@cache
def _validator(schema: str) -> Any:
    checked: Any = extend(  # type: ignore[no-untyped-call]
        Draft202012Validator, {"x-maxBytes": _max_bytes, "x-maxDecodedBytes": _max_decoded_bytes}
    )
    return checked(json.loads((SCHEMAS / f"{schema}.json").read_text()))


def _max_bytes(_: Any, limit: int, text: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(text, str) and _bytes(text) > limit:
        yield ValidationError(f"over {limit} bytes", validator="maxBytes")


def _max_decoded_bytes(_: Any, limit: int, image: Any, __: Any) -> Iterator[ValidationError]:
    try:
        raw = base64.b64decode(image["base64"], validate=True)
    except (KeyError, TypeError, ValueError, binascii.Error):
        yield ValidationError("not base64", validator="content")
        return
    if len(raw) > limit:
        yield ValidationError(f"over {limit} bytes", validator="maxDecodedBytes")


def _bytes(text: str) -> int:
    return len(text.encode())


def _deepest(error: ValidationError) -> ValidationError:
    """Choose the branch of a `oneOf` that was meant: its constants match, and it has the fewest errors.

    Return that branch's first error; if no branch's constants match, the first error about a constant.
    """
    if error.validator != "oneOf":
        return error
    branches = defaultdict(list)
    for child in error.context or ():
        branches[child.schema_path[0]].append(child)
    meant = [errors for errors in branches.values() if not any(e.validator == "const" for e in errors)]
    if not meant:
        return next(e for e in error.context or () if e.validator == "const")
    return _deepest(min(reversed(meant), key=len)[0])


def _violation(error: ValidationError) -> Violation:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    limit: Any = error.validator_value
    instance: Any = error.instance
    schema: Any = error.schema
    rule = str(error.validator).removeprefix("x-")
    if rule == "required":
        path += "." + next(name for name in limit if name not in instance)
    elif rule == "additionalProperties":
        path += "." + next(name for name in instance if name not in schema["properties"])
    return Violation(path.removeprefix("."), rule, limit)
