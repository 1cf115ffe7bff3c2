"""Runs every attack on one kind of host and prints what came of it, as JSON.

    python -m sandbox.tests.battery [without-namespaces] [only NAME …]

A process of its own, because a host's shortcomings can't be taken back.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sandbox.host.certificates import certificates_file
from sandbox.host.network import NetworkAccess, NetworkLimits
from sandbox.host.runner import Limits, Result, Runner, Script
from sandbox.host.zones import zones_dir
from sandbox.tests.attack import Attack, all_attacks
from sandbox.tests.denials import deny_namespaces
from sandbox.tests.site import Site, StandInGuard

_SECRET = "secret-of-the-worker"
_CANARY_TEXT = "intact"
_CANARY_MODE = 0o666
_SHORT_SECONDS, _LONG_SECONDS = 1, 60
_OUTSIDE = """
import sys, json
params = json.loads(sys.argv[1])
names = {"get_param": params.get, "log": print}
exec(compile(sys.stdin.read(), "script.py", "exec"), names)
print("OUTCOME", names["result"])
"""
_NEXT = """
import builtins, os, random
poisoned = [hasattr(builtins, "poisoned"), hasattr(json, "poisoned"), random.random() == 0.13436424411240122]
result = [os.listdir("."), *poisoned]
"""
_NOTHING_LEFT = [["script.py"], False, False, False]


@contextmanager
def _targets() -> Iterator[dict[str, Any]]:
    """What the attacks aim at: real files, sockets and processes of the host, open to everybody."""
    with ExitStack() as stack:
        directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="attacked-"))
        os.chmod(directory, 0o777)
        private = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="private-")))
        (private / "envs" / "packages").mkdir(parents=True)
        (private / "key").write_text(_SECRET)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        site = stack.enter_context(Site())
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(f"{directory}/socket")
        os.chmod(f"{directory}/socket", 0o777)
        listener.listen()
        abstract = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        abstract.bind(f"\0attacked-{os.getpid()}")
        yield {
            "canary": f"{directory}/canary",
            "tcp_port": tcp.getsockname()[1],
            "site": site,
            "open_port": site.port,
            "udp_port": udp.getsockname()[1],
            "unix_path": f"{directory}/socket",
            "abstract_name": f"attacked-{os.getpid()}",
            "worker": os.getpid(),
            "dependencies": str(private / "envs" / "packages"),
            "zones": zones_dir(),
            "certificates": certificates_file(),
            "package": str(Path(__file__).parents[1] / "__init__.py"),
        }


def _set_canary(path: Path) -> None:
    for left in path.parent.glob("canary*"):
        left.unlink()
    path.write_text(_CANARY_TEXT)
    path.chmod(_CANARY_MODE)


def _is_intact(path: Path) -> bool:
    status = path.stat() if path.exists() else None
    return (
        status is not None
        and path.read_text() == _CANARY_TEXT
        and status.st_mode & 0o777 == _CANARY_MODE
        and status.st_mtime > 0
        and [entry.name for entry in path.parent.glob("canary*")] == ["canary"]
    )


def _attack(runner: Runner, attack: Attack, targets: dict[str, Any], site: Site) -> dict[str, Any]:
    canary = Path(targets["canary"])
    _set_canary(canary)
    expected = attack.header["expect"]
    # Tight only where an attack is to meet them: an emulated machine takes its time for all else.
    limits = Limits(
        wall_seconds=_SHORT_SECONDS if "timeout" in expected else _LONG_SECONDS,
        cpu_seconds=_SHORT_SECONDS if "cpu_limit" in expected else _LONG_SECONDS,
        memory_mb=128,
        disk_mb=4,
        calls=100,
    )
    lines: list[tuple[str, str]] = []
    guard = StandInGuard(site.port)
    access = NetworkAccess(guard, NetworkLimits(dials=200, megabytes=4)) if attack.has_network else None
    result = runner.run(
        Script(attack.source, params=targets | {"calls": attack.call_numbers()}),
        grants={"get_var": lambda **_: None},
        limits=limits,
        on_line=lambda stream, text: lines.append((stream, text)),
        interrupt=guard.over.set,
        network=access,
    )
    following = runner.run(Script(_NEXT), grants={})
    return {
        "outcome": _outcome(result),
        "words": f"{result.result} {result.error}"[:2000],
        "intact": _is_intact(canary),
        "next": "clean" if following.result == _NOTHING_LEFT else f"{following.error}{following.result}",
        "lines": lines[:20],
        "connections": site.left(),
        "output_bytes": sum(len(text.encode()) for _, text in lines),
    }


def _outcome(result: Result) -> str:
    if result.error_code is not None:
        return result.error_code
    return str(result.result).partition(":")[0]


def _control(attack: Attack, targets: dict[str, Any]) -> str:
    _set_canary(Path(targets["canary"]))
    done = subprocess.run(
        [sys.executable, "-c", _OUTSIDE, json.dumps(targets | {"outside": True})],
        input=attack.source,
        text=True,
        capture_output=True,
        cwd=tempfile.mkdtemp(dir=os.path.dirname(targets["canary"])),
    )
    return done.stdout.partition("OUTCOME ")[2].strip() or done.stderr


def main(arguments: list[str]) -> None:
    os.environ["WORKER_SECRET"] = _SECRET
    names = arguments[arguments.index("only") + 1 :] if "only" in arguments else []
    attacks = [one for one in all_attacks() if one.is_of_this_machine and (not names or one.name in names)]
    with _targets() as targets:
        site = targets.pop("site")
        controls = {attack.name: _control(attack, targets) for attack in attacks if attack.has_control}
        if "without-namespaces" in arguments:
            deny_namespaces()
        with Runner(python=sys.executable, deps_dirs=[targets["dependencies"]]) as runner:
            level = str(runner.level())
            user = runner.run(Script("import os\nresult = os.getuid()"), grants={}).result
            outcomes = {attack.name: _attack(runner, attack, targets, site) for attack in attacks}
    ran_as = {"level": level, "user": os.getuid(), "scripts_user": user}
    print(json.dumps({**ran_as, "controls": controls, "outcomes": outcomes}))


if __name__ == "__main__":
    main(sys.argv[1:])
