"""The sandbox's command line.

    python -m sandbox run FILE [--grant NAME=JSON] [--grants MODULE.py] …
    python -m sandbox level
    python -m sandbox docs [--language zh]

Exit codes: 0 the script succeeded, 1 it failed, 2 wrong usage, 3 this host can't hold a script (sandbox_unavailable).
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import sys
from collections.abc import Callable
from dataclasses import asdict
from importlib.util import decode_source
from pathlib import Path
from typing import Any

from sandbox.declarations import FUNCTIONS
from sandbox.host.runner import Context, Limits, Runner, SandboxUnavailableError, Script
from sandbox.reference import page

_SUCCESS, _FAILED, _UNAVAILABLE = 0, 1, 3
_LEVELS = ("1", "2", "3")
_EXIT_WRONG = 2
_GRANTABLE = [function.name for function in FUNCTIONS if function.is_granted]


class UsageError(Exception):
    pass


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    act: Callable[[argparse.Namespace], int] = options.act
    try:
        return act(options)
    except UsageError as error:
        print(error, file=sys.stderr)
        return _EXIT_WRONG
    except SandboxUnavailableError as error:
        _print(options, {"error_code": error.error_code, "error": str(error)}, str(error))
        return _UNAVAILABLE


def _runner() -> Runner:
    """Return a runner that is configured by the same environment variables as a worker's."""
    min_level = os.environ.get("SANDBOX_MIN_LEVEL", "1")
    if min_level not in _LEVELS:
        _parser().error(f"SANDBOX_MIN_LEVEL must be one of {', '.join(_LEVELS)}, not {min_level!r}")
    return Runner(min_level=int(min_level), unsafe=os.environ.get("SANDBOX_UNSAFE") == "1")


def _run(options: argparse.Namespace) -> int:
    source = _text(options.file)
    name = "script.py" if options.file == "-" else Path(options.file).name
    script = Script(source, filename=name, context=Context(timezone=options.timezone), params=options.params)
    limits = Limits(wall_seconds=options.wall, cpu_seconds=options.cpu, memory_mb=options.memory)

    def show(stream: str, text: str) -> None:
        print(
            text if stream == "stdout" else f"[{stream}] {text}",
            file=sys.stderr if options.json else sys.stdout,
        )

    with _runner() as runner:
        result = runner.run(script, grants=_grants(options), limits=limits, on_line=show)
    text = json.dumps(result.result, ensure_ascii=False) if result.error_code is None else result.error
    _print(options, asdict(result), f"{result.error_code or 'result'}: {text}")
    return _SUCCESS if result.status == "success" else _FAILED


def _text(file: str) -> str:
    """Return the text of a file (- for standard input) as Python reads it. Raises UsageError if it can't be read."""
    try:
        return decode_source(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} can't be read: {error}") from error


def _level(options: argparse.Namespace) -> int:
    with _runner() as runner:
        found = runner.level()
    lines = [str(found), *(f"  not higher: {reason}" for reason in found.reasons)]
    lines += [f"  stopped: {attempt}" for attempt in found.stopped]
    _print(options, asdict(found), "\n".join(lines))
    return _SUCCESS


def _docs(options: argparse.Namespace) -> int:
    print(page(options.language), end="")
    return _SUCCESS


def _grants(options: argparse.Namespace) -> dict[str, Callable[..., Any]]:
    if options.grants:
        _text(
            options.grants
        )  # reports a missing file in one line; what the file itself does wrong shows as a traceback
    functions = runpy.run_path(options.grants) if options.grants else {}
    grants = {name: functions[name] for name in _GRANTABLE if name in functions}
    for name, value in options.grant:
        grants[name] = _always_returning(value)
    return grants


def _always_returning(value: Any) -> Callable[..., Any]:
    return lambda **_: value


def _print(options: argparse.Namespace, facts: dict[str, Any], text: str) -> None:
    print(json.dumps(facts, ensure_ascii=False) if options.json else text)


def _grant(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    if name not in _GRANTABLE:
        raise argparse.ArgumentTypeError(f"{name} must be one of {', '.join(_GRANTABLE)}")
    return name, json.loads(value or "null")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox", description="Runs a script in the sandbox, without the platform."
    )
    parser.add_argument(
        "--json", action="store_true", help="print one JSON object; the script's output goes to stderr"
    )
    acts = parser.add_subparsers(required=True)
    run = acts.add_parser("run", help="run FILE (- for standard input)")
    run.add_argument("file")
    run.add_argument(
        "--grant",
        type=_grant,
        action="append",
        default=[],
        metavar="NAME=JSON",
        help="answer the call NAME with this value",
    )
    run.add_argument("--grants", metavar="FILE.py", help="answer calls with the functions of this file")
    run.add_argument(
        "--params", type=json.loads, default={}, metavar="JSON", help="what get_params() returns"
    )
    run.add_argument("--timezone", default="Asia/Shanghai")
    run.add_argument("--wall", type=float, default=30, metavar="SECONDS")
    run.add_argument("--cpu", type=int, default=60, metavar="SECONDS")
    run.add_argument("--memory", type=int, default=512, metavar="MIB")
    run.set_defaults(act=_run)
    acts.add_parser("level", help="show the level of this host, and why it is not higher").set_defaults(
        act=_level
    )
    docs = acts.add_parser("docs", help="the SDK's reference as markdown")
    docs.add_argument("--language", choices=("en", "zh"), default="en")
    docs.set_defaults(act=_docs)
    return parser


if __name__ == "__main__":
    sys.exit(main())
