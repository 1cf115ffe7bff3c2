"""The names that a script has without an import, built from the declarations."""

from __future__ import annotations

import builtins
import importlib
import inspect
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.declarations import FUNCTIONS, MODULES, REQUIRED, Function
from sandbox.guest.link import Link
from sandbox.guest.response import Response
from sandbox.guest.streams import LOG

_INSTANTS = ("due_at", "window_start", "window_end")
_RESPONSES = ("http_get", "http_post")


class GrantError(Exception):
    """The error that a call to the platform ended with. Subclasses carry the name that the error has there."""

    def __str__(self) -> str:
        return str(self.args[0])


class NotGrantedError(RuntimeError):
    __module__ = "builtins"  # tracebacks show the bare name


def names(link: Link, order: Mapping[str, Any]) -> dict[str, Any]:
    granted = {f.name: _remote(f, link, order["grants"]) for f in FUNCTIONS if f.is_granted}
    return {**_MODULES, **_variables(order["context"]), **_local(order["params"]), **granted}


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

    def log(message: object) -> None:
        LOG.write(f"{message}\n")

    def get_param(key: str, default: Any = None) -> Any:
        return params.get(key, default)

    def get_params() -> dict[str, Any]:
        return dict(params)

    return {"log": log, "print": builtins.print, "get_param": get_param, "get_params": get_params}


def _signature(function: Function) -> inspect.Signature:
    return inspect.Signature(
        [
            inspect.Parameter(
                p.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=inspect.Parameter.empty if p.default is REQUIRED else p.default,
            )
            for p in function.parameters
        ]
    )


# Built once in the zygote, so that no script has to build them.
_SIGNATURES = {function.name: _signature(function) for function in FUNCTIONS}


def _remote(function: Function, link: Link, grants: list[str]) -> Callable[..., Any]:
    signature = _SIGNATURES[function.name]

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{function.name}(): {error}; it is {function.signature}") from None
        if function.name not in grants:
            raise NotGrantedError(f"{function.name}() is not granted to this script")
        bound.apply_defaults()
        return _value_or_raise(function.name, link.call(function.name, bound.arguments))

    call.__name__ = call.__qualname__ = function.name
    call.__doc__ = function.doc
    call.__signature__ = signature  # type: ignore[attr-defined]
    return call


def _value_or_raise(name: str, reply: Mapping[str, Any]) -> Any:
    if "error" in reply:
        raise _exception(reply["error"])
    value = reply["value"]
    return Response(**value) if name in _RESPONSES else value


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
