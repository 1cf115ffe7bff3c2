"""The script's process, from the fork to its end."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # has no stubs
import builtins
import linecache
import os
import signal
import socket
import sys
import threading
import types
from typing import Any, NoReturn

from sandbox.guest import failures, sdk
from sandbox.guest.jail import Jail, LayerFailedError
from sandbox.guest.link import HostGoneError, Link
from sandbox.guest.result import check_result
from sandbox.guest.streams import TextStream
from sandbox.protocol import EXIT_OUT_OF_MEMORY, pack

_ALL_SIGNALS = signal.valid_signals()


def main(connection: socket.socket, jail: Jail, work_dir: str, request: dict[str, Any]) -> NoReturn:
    """Run the script and exit. Whatever happens, this process ends here and never returns into the zygote's loop."""
    try:
        _run(jailed_link(connection, jail, work_dir, request["limits"]), jail)
    except MemoryError:
        os._exit(EXIT_OUT_OF_MEMORY)
    except HostGoneError:
        os._exit(1)
    finally:
        os._exit(0)


def jailed_link(connection: socket.socket, jail: Jail, work_dir: str, limits: dict[str, int]) -> Link:
    """Put this process into the jail and return its only connection. Raises HostGoneError if a layer failed."""
    try:
        connection = jail.confine(connection, work_dir, limits)
    except LayerFailedError as error:
        socket.socket(fileno=3).sendall(pack({"kind": "unjailed", "error": str(error)}, 4096))
        raise HostGoneError from error
    return Link(connection)


def _run(link: Link, jail: Jail) -> None:
    link.send({"kind": "ready"})
    order = link.receive()
    link.frame_bytes = order["frame_bytes"]
    sys.path[:0] = [jail.place_of(path) for path in order["import_paths"]]
    stdout = TextStream(link, "stdout")
    sys.stdout = sys.stderr = stdout
    try:
        module = _module(order, sdk.names(link, order))
        verdict = _execute(module, order)
        _signal.pthread_sigmask(signal.SIG_BLOCK, _ALL_SIGNALS)
    except HostGoneError:
        raise
    except BaseException as error:
        # A timer that the script left running must not suppress its last message. This must be the very first call: it
        # blocks all signals, even if a handler raises once more during it, and any call before it would be one more
        # place for a handler to raise. That includes signal.pthread_sigmask, a Python function around this one: a
        # handler may raise at its beginning.
        try:  # noqa: SIM105
            _signal.pthread_sigmask(signal.SIG_BLOCK, _ALL_SIGNALS)
        except BaseException:  # noqa: S110
            pass
        verdict = failures.describe(error, order["filename"])
    stdout.flush()
    link.send(verdict)


def _module(order: dict[str, Any], names: dict[str, Any]) -> types.ModuleType:
    module = types.ModuleType("__main__")
    module.__dict__.update(names, __file__=order["filename"], __builtins__=builtins)
    sys.modules["__main__"] = module
    sys.argv = [order["filename"]]
    return module


def _execute(module: types.ModuleType, order: dict[str, Any]) -> dict[str, Any]:
    source, filename = order["source"], order["filename"]
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    try:
        code = compile(source, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        return failures.describe_syntax(error, filename)
    try:
        exec(code, module.__dict__)  # noqa: S102 - this is what the whole package is for
    except SystemExit as leaving:
        if leaving.code not in (None, 0):
            return failures.ended_by_exit(leaving.code)
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    return check_result(module.__dict__.get("result"), order["result_bytes"])
