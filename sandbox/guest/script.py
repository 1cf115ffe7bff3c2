"""The script's process, from the fork to its end."""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # has no stubs
import atexit
import builtins
import contextlib
import linecache
import os
import random
import signal
import socket
import sys
import threading
import types
from collections.abc import Sequence
from typing import Any, NoReturn

from sandbox.guest import failures, fonts, network, sdk, streams
from sandbox.guest.jail import Jail, LayerFailedError
from sandbox.guest.link import HostGoneError, Link
from sandbox.guest.result import check_result
from sandbox.guest.source import file_content, hidden_result, lines_of, without_mark
from sandbox.protocol import EXIT_OUT_OF_MEMORY, pack

_ALL_SIGNALS = signal.valid_signals()
# What Python itself calls at its end; neither has a public name.
_wait_for_threads = threading._shutdown  # type: ignore[attr-defined]  # noqa: SLF001
_run_exit_functions = atexit._run_exitfuncs  # noqa: SLF001


_link = Link()  # made in the zygote; each process that does something connects it


def prepare() -> None:
    """Do once, in the zygote, what is the same for all scripts."""
    streams.connect(_link)


def main(connections: Sequence[int], jail: Jail, work_dir: str, request: dict[str, Any]) -> NoReturn:
    """Run the script and exit. Whatever happens, this process ends here and never returns into the zygote's loop."""
    try:
        _run(jailed_link(connections, jail, work_dir, request["limits"]), jail, work_dir)
    except MemoryError:
        os._exit(EXIT_OUT_OF_MEMORY)
    except HostGoneError:
        os._exit(1)
    finally:
        os._exit(0)


def jailed_link(connections: Sequence[int], jail: Jail, work_dir: str, limits: dict[str, int]) -> Link:
    """Put this process into the jail and return the first connection as a link; a second one becomes its network.

    Raises HostGoneError if a layer failed.
    """
    try:
        connection, *others = jail.confine(connections, work_dir, limits)
    except LayerFailedError as error:
        socket.socket(fileno=3).sendall(pack({"kind": "unjailed", "error": str(error)}, 4096))
        raise HostGoneError from error
    network.use(others[0] if others else None)
    _link.connect(connection)
    random.seed()  # the zygote's numbers would be every script's
    return _link


def _run(link: Link, jail: Jail, work_dir: str) -> None:
    link.send({"kind": "ready"})
    order = link.receive()
    link.frame_bytes = order["frame_bytes"]
    packages = [jail.place_of(path) for path in order["import_paths"]]
    sys.path[:] = [work_dir, *sys.path, *packages]
    fonts.configure(work_dir, packages)
    shortened = {f"{path}/": "" for path in packages}
    streams.show_shortened(shortened)
    verdict = None
    try:
        module = _module(order, work_dir, sdk.names(link, order))
        verdict = _execute(module, order)
        _wait_for_threads()
        _run_exit_functions()
        verdict = verdict or _result_of(module, order)
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
        verdict = verdict or _failure(error, order["filename"])
    streams.flush_standard()
    if "error" in verdict:
        verdict["error"] = streams.shorten(verdict["error"], shortened)
    link.send(verdict)


def _module(order: dict[str, Any], work_dir: str, names: dict[str, Any]) -> types.ModuleType:
    module = types.ModuleType("__main__")
    place = os.path.join(work_dir, order["filename"])
    module.__dict__.update(names, __file__=place, __builtins__=builtins)
    sys.modules["__main__"] = module
    sys.argv = [order["filename"]]
    return module


def _execute(module: types.ModuleType, order: dict[str, Any]) -> dict[str, Any] | None:
    """Run the script. Return the reason if it can't be read or ended itself as failed."""
    source, filename = without_mark(order["source"]), order["filename"]
    linecache.cache[filename] = (len(source), None, lines_of(source), filename)
    try:
        code = compile(source, filename, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError) as error:
        return failures.describe_syntax(error, filename)
    _write_read_only(module.__dict__["__file__"], file_content(order["source"]))
    try:
        exec(code, module.__dict__)  # noqa: S102 - this is what the whole package is for
    except SystemExit as leaving:
        return failures.ended_by_exit(leaving.code)
    return None


def _write_read_only(path: str, content: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "wb") as file:
        file.write(content)


def _result_of(module: types.ModuleType, order: dict[str, Any]) -> dict[str, Any]:
    verdict = check_result(module.__dict__.get("result"), order["result_bytes"])
    if "result" in module.__dict__ or not hidden_result(without_mark(order["source"])):
        return verdict
    return verdict | {"is_result_hidden": True}


def _failure(error: BaseException, filename: str) -> dict[str, Any]:
    """Return the failure, after what Python does when an exception ends a script. Threads are not waited for.

    One that never ends would make the run time out, which would hide this failure.
    """
    verdict = failures.describe(error, filename)
    with contextlib.suppress(Exception):
        if sys.excepthook is not sys.__excepthook__:
            sys.excepthook(type(error), error, error.__traceback__)
    _run_exit_functions()
    return verdict
