"""Reads the arguments of a periodic task that calls an address. Tasks with any other argument are left."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from platform_site.importing.http_request import OtherRequestError, Request
from platform_site.importing.old_row import OldRow

ADDRESSES = ("url", "uri", "endpoint", "webhook", "webhook_url", "callback_url")
IN_NAME = ("post", "get", "put", "patch", "delete")
METHOD_NAMES = ("method", "http_method")


def read_call(row: OldRow) -> Request | None:
    """Read the task's call of an address; None where no argument is one.

    Raises OtherRequestError, and UnusableValueError where the arguments are no JSON.
    """
    positional, named = row.json_list("args"), dict(row.json_object("kwargs"))
    keys = [key for key in ADDRESSES if _is_address(named.get(key))]
    if len(positional) == 1 and _is_address(positional[0]) and not keys:
        url = positional.pop()
    elif len(keys) == 1:
        url = named.pop(keys[0])
    else:
        return None
    if positional:
        raise OtherRequestError("It calls an address, but has other arguments without names.")
    request = Request(urls=[url], method=_method_in(row.text("task")))
    for name, value in named.items():
        if name not in ARGUMENTS:
            raise OtherRequestError(
                f"It calls an address, but its argument “{name[:50]}” is not one of a request."
            )
        ARGUMENTS[name](request, value)
    return request


def _is_address(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("http://", "https://"))


def _method_in(task: str) -> str:
    """Return the method that the name of the Celery task says: app.tasks.http_post is a POST. "" where it says none."""
    words = task.rpartition(".")[2].lower().split("_")
    return next((word.upper() for word in IN_NAME if word in words), "")


def _set_method(request: Request, value: Any) -> None:
    request.method = str(value).upper()


def _set_headers(request: Request, value: Any) -> None:
    if not isinstance(value, dict):
        raise OtherRequestError("Its headers are no object.")
    request.headers |= {str(name): str(text) for name, text in value.items()}


def _set_json(request: Request, value: Any) -> None:
    request.data.append(json.dumps(value, ensure_ascii=False))
    request.headers.setdefault("Content-Type", "application/json")


def _set_data(request: Request, value: Any) -> None:
    request.data.append(urlencode(value, doseq=True) if isinstance(value, dict) else str(value))


def _add_params(request: Request, value: Any) -> None:
    if not isinstance(value, dict):
        raise OtherRequestError("Its params are no object.")
    [url] = request.urls
    request.urls = [f"{url}{'&' if '?' in url else '?'}{urlencode(value, doseq=True)}"]


def _set_timeout(request: Request, value: Any) -> None:
    if not isinstance(value, int | float) or not 0 < value <= 86_400:
        raise OtherRequestError("Its timeout is no number of seconds.")
    request.seconds = math.ceil(value)


ARGUMENTS: dict[str, Callable[[Request, Any], None]] = {
    **dict.fromkeys(METHOD_NAMES, _set_method), "headers": _set_headers, "json": _set_json, "payload": _set_json,
    "data": _set_data, "body": _set_data, "params": _add_params, "timeout": _set_timeout,
}  # fmt: skip
