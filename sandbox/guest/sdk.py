"""The names that a script has without an import, built from the declarations."""

from __future__ import annotations

import builtins
import importlib
import inspect
import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.declarations import FUNCTIONS, MODULES, REQUIRED, Function
from sandbox.guest.link import Link
from sandbox.guest.session import Session
from sandbox.guest.streams import LOG

_INSTANTS = ("due_at", "window_start", "window_end")
_EXCHANGE = "http_request"


class GrantError(Exception):
    """The error that a call to the platform ended with. Subclasses carry the name that the error has there."""

    def __str__(self) -> str:
        return str(self.args[0])


class NotGrantedError(RuntimeError):
    __module__ = "builtins"  # tracebacks show the bare name


class _Run:
    """The run that the functions act for. They are made once, in the zygote; each script's process sets its own run."""

    link: Link
    grants: list[str]
    params: dict[str, Any]


def names(link: Link, order: Mapping[str, Any]) -> dict[str, Any]:
    _Run.link, _Run.grants, _Run.params = link, order["grants"], order["params"]
    return _SHARED_NAMES | _variables(order["context"])


def _modules() -> dict[str, Any]:
    found = {}
    for module in MODULES:
        name, _, attribute = module.source.partition(":")
        loaded = importlib.import_module(name)
        found[module.name] = getattr(loaded, attribute) if attribute else loaded
    return found


def _variables(context: Mapping[str, Any]) -> dict[str, Any]:
    zone = ZoneInfo(context["timezone"])
    variables: dict[str, Any] = {
        name: context.get(name) for name in ("task_id", "tenant_id", "trace_id", *_INSTANTS)
    }
    for name in _INSTANTS:
        if variables[name] is not None:
            variables[name] = datetime.fromisoformat(variables[name]).astimezone(zone)
    return variables


def _log(*values: object, sep: str | None) -> None:
    text = io.StringIO()
    builtins.print(*values, sep=sep, file=text)
    LOG.write(text.getvalue())


def _get_param(key: str, default: Any) -> Any:
    return _Run.params.get(key, default)


def _get_params() -> dict[str, Any]:
    return dict(_Run.params)


def _exchange(arguments: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = _value_or_raise(_Run.link.call(_EXCHANGE, arguments))
    return answer


def _http_get(url: str, headers: Any, params: Any, timeout: Any) -> Any:
    return Session(_exchange).get(url, headers=headers, params=params, timeout=timeout)


def _http_post(url: str, data: Any, json: Any, headers: Any, timeout: Any) -> Any:
    return Session(_exchange).post(url, data, json, headers=headers, timeout=timeout)


def _http_request(
    method: str, url: str, headers: Any, params: Any, data: Any, json: Any, timeout: Any
) -> Any:
    return Session(_exchange).request(
        method, url, headers=headers, params=params, data=data, json=json, timeout=timeout
    )


def _http_session(headers: Any) -> Session:
    return Session(_exchange, headers)


def _signature(function: Function) -> inspect.Signature:
    rest = next((at for at, p in enumerate(function.parameters) if p.takes_rest), len(function.parameters))
    return inspect.Signature(
        [
            inspect.Parameter(
                p.name,
                inspect.Parameter.VAR_POSITIONAL
                if p.takes_rest
                else inspect.Parameter.KEYWORD_ONLY
                if at > rest
                else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=inspect.Parameter.empty if p.default is REQUIRED else p.default,
            )
            for at, p in enumerate(function.parameters)
        ]
    )


def _function(function: Function, act: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function as scripts see it: its name, its signature, and errors that name both."""
    signature = _signature(function)
    granted = function.name if function.is_granted else function.made_of

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{function.name}(): {error}; it is {function.signature}") from None
        if granted and granted not in _Run.grants:
            raise NotGrantedError(f"{function.name}() is not granted to this script")
        bound.apply_defaults()
        return act(*bound.args, **bound.kwargs)

    call.__name__ = call.__qualname__ = function.name
    call.__doc__ = function.doc
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


def _remote(function: Function) -> Callable[..., Any]:
    parameters = [p.name for p in function.parameters]
    return lambda *values: _value_or_raise(
        _Run.link.call(function.name, dict(zip(parameters, values, strict=True)))
    )


def _value_or_raise(reply: Mapping[str, Any]) -> Any:
    if "error" in reply:
        raise _exception(reply["error"])
    return reply["value"]


def _exception(error: Mapping[str, str]) -> Exception:
    """Return an exception whose class has the error's name on the platform.

    If a built-in exception has that name, the class derives from it as well, so that `except` catches it.
    """
    name, builtin = error["type"], getattr(builtins, error["type"], None)
    is_simple = (
        isinstance(builtin, type) and issubclass(builtin, Exception) and not issubclass(builtin, UnicodeError)
    )
    bases: tuple[Any, ...] = (GrantError, builtin) if is_simple else (GrantError,)
    raised: Exception = type(name, bases, {"__module__": "builtins"})(error["message"])
    return raised


_OWN: dict[str, Callable[..., Any]] = {
    "log": _log,
    "get_param": _get_param,
    "get_params": _get_params,
    "http_get": _http_get,
    "http_post": _http_post,
    "http_request": _http_request,
    "http_session": _http_session,
}
_SHARED_NAMES = {
    **_modules(),
    **{f.name: _function(f, _OWN.get(f.name) or _remote(f)) for f in FUNCTIONS},
    "print": builtins.print,
}
