"""What scripts find where namespaces are denied: as this process's user, and as nobody where root may give it up."""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.tests.interpreters import NOBODY, python_for_nobody

_ROOT = Path(__file__).parents[2]
_RUN = """
import json, sys, zoneinfo
from sandbox.host.runner import Runner, Script
from sandbox.tests.denials import deny_namespaces
options = json.load(sys.stdin)
deny_namespaces()
if options["zones"] is not None:
    zoneinfo.reset_tzpath(options["zones"])
with Runner(deps_dirs=options["deps_dirs"]) as runner:
    result = runner.run(Script(options["source"], import_paths=options["import_paths"]), grants={})
print(json.dumps(result.result if result.error_code is None else result.error))
"""
_JOBS = """
import json
from sandbox.host.jobs import Jobs
from sandbox.tests.denials import deny_namespaces
deny_namespaces()
with Jobs() as jobs:
    rendered = jobs.render("{{ a }}", {"a": 1})
    requirements = jobs.check("import six", "six>=1").requirements
print(json.dumps([rendered, *requirements]))
"""


def _users() -> list[str]:
    """Root's scripts run as nobody wherever nobody may read the interpreter."""
    if os.geteuid() != 0:
        return ["this user"]
    return ["nobody"] if python_for_nobody() == sys.executable else ["this user", "nobody"]


_EVERY_USER = pytest.mark.parametrize("user", _users())


def _run(user: str, source: str, *, deps: Path | None = None, zones: list[str] | None = None) -> Any:
    order = {
        "source": source,
        "deps_dirs": [str(deps.parent)] if deps else [],
        "import_paths": [str(deps)] if deps else [],
        "zones": zones,
    }
    return _told(user, _RUN, json.dumps(order))


def _told(user: str, program: str, order: str = "") -> Any:
    done = subprocess.run(
        [python_for_nobody() if user == "nobody" else sys.executable, "-c", program],
        input=order,
        cwd=_ROOT,
        env={"PYTHONPATH": _packages(), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@functools.cache
def _packages() -> str:
    package = importlib.util.find_spec("tzdata")
    assert package is not None
    assert package.origin is not None
    return str(Path(package.origin).parents[1])


@pytest.fixture
def environment(tmp_path: Path) -> Path:
    """As a worker has it: in a data directory that is its own alone."""
    data = tmp_path / "data"
    environment = data / "script-envs" / "packages" / "key"
    environment.mkdir(parents=True)
    (environment / "depended.py").write_text("answer = 42")
    (data / "secret-key").write_text("hunter2")
    data.chmod(0o700)
    return environment


@_EVERY_USER
def test_a_dependency_is_imported_from_the_workers_own_directory(user: str, environment: Path) -> None:
    source = "import depended, os\nresult = [depended.answer, os.getuid()]"
    expected = NOBODY if user == "nobody" else os.getuid()
    assert _run(user, source, deps=environment) == [42, expected]


@_EVERY_USER
def test_the_way_back_from_a_dependency_is_closed(user: str, environment: Path) -> None:
    source = """
import depended
import os
above = os.path.dirname(depended.__file__) + '/../../..'
result = []
for attempt in (lambda: open(above + '/secret-key'), lambda: os.listdir(above)):
    try:
        attempt()
    except PermissionError:
        result.append('refused')
"""
    assert _run(user, source, deps=environment) == ["refused", "refused"]


@pytest.mark.parametrize("zones", [None, ["/nowhere"]], ids=["the system's", "the package's"])
@_EVERY_USER
def test_time_zones_are_there(user: str, zones: list[str] | None) -> None:
    source = """
import os
import zoneinfo
shanghai = datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo('Asia/Shanghai')).utcoffset()
is_packaged = os.path.exists(zoneinfo.TZPATH[0] + '/__init__.py')
result = [shanghai.total_seconds(), time.localtime().tm_gmtoff, is_packaged]
"""
    is_packaged = zones is not None or not os.path.exists("/usr/share/zoneinfo")
    assert _run(user, source, zones=zones) == [28800, 28800, is_packaged]


@_EVERY_USER
def test_the_platforms_own_jobs_are_done(user: str) -> None:
    assert _told(user, _JOBS) == ["1", "six>=1"]
