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


def names(link: Link, order: Mapping[str, Any]) -> dict[str, Any]:
    own = {**_local(order["params"]), **_web(link)}
    functions = {
        f.name: _function(f, own.get(f.name) or _remote(f, link), order["grants"]) for f in FUNCTIONS
    }
    return {**_MODULES, **_variables(order["context"]), **functions, "print": builtins.print}


def _modules() -> dict[str, Any]:
    found = {}
    for module in MODULES:
        name, _, attribute = module.source.partition(":")
        loaded = importlib.import_module(name)
        found[module.name] = getattr(loaded, attribute) if attribute else loaded
    return found


_MODULES = _modules()  # loaded once, in the zygote


def _variables(context: Mapping[str, Any]) -> dict[str, Any]:
    zone = ZoneInfo(context["timezone"])
    variables: dict[str, Any] = {
        name: context.get(name) for name in ("task_id", "tenant_id", "trace_id", *_INSTANTS)
    }
    for name in _INSTANTS:
        if variables[name] is not None:
            variables[name] = datetime.fromisoformat(variables[name]).astimezone(zone)
    return variables


def _local(params: dict[str, Any]) -> dict[str, Callable[..., Any]]:
    def log(*values: object, sep: str | None) -> None:
        text = io.StringIO()
        builtins.print(*values, sep=sep, file=text)
        LOG.write(text.getvalue())

    return {"log": log, "get_param": params.get, "get_params": lambda: dict(params)}


def _web(link: Link) -> dict[str, Callable[..., Any]]:
    def exchange(arguments: dict[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = _value_or_raise(link.call(_EXCHANGE, arguments))
        return answer

    def http_get(url: str, headers: Any, params: Any, timeout: Any) -> Any:
        return Session(exchange).get(url, headers=headers, params=params, timeout=timeout)

    def http_post(url: str, data: Any, json: Any, headers: Any, timeout: Any) -> Any:
        return Session(exchange).post(url, data, json, headers=headers, timeout=timeout)

    def http_request(
        method: str, url: str, headers: Any, params: Any, data: Any, json: Any, timeout: Any
    ) -> Any:
        return Session(exchange).request(
            method, url, headers=headers, params=params, data=data, json=json, timeout=timeout
        )

    def http_session(headers: Any) -> Session:
        return Session(exchange, headers)

    return {f.__name__: f for f in (http_get, http_post, http_request, http_session)}


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


# Built once in the zygote, so that no script has to build them.
_SIGNATURES = {function.name: _signature(function) for function in FUNCTIONS}


def _function(function: Function, act: Callable[..., Any], grants: list[str]) -> Callable[..., Any]:
    """Return the function as scripts see it: its name, its signature, and errors that name both."""
    signature = _SIGNATURES[function.name]
    granted = function.name if function.is_granted else function.made_of
    is_granted = not granted or granted in grants

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{function.name}(): {error}; it is {function.signature}") from None
        if not is_granted:
            raise NotGrantedError(f"{function.name}() is not granted to this script")
        bound.apply_defaults()
        return act(*bound.args, **bound.kwargs)

    call.__name__ = call.__qualname__ = function.name
    call.__doc__ = function.doc
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


def _remote(function: Function, link: Link) -> Callable[..., Any]:
    parameters = [p.name for p in function.parameters]
    return lambda *values: _value_or_raise(
        link.call(function.name, dict(zip(parameters, values, strict=True)))
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
