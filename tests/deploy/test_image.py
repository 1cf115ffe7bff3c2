"""The image: its Dockerfile, and that what it copies runs and holds its scripts, without Docker."""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.crypto import new_key
from platform_site.config.data_dir import BASE_DIR
from tests.deploy import context

DOCKERFILE = (BASE_DIR / "Dockerfile").read_text()
HEALTHY = BASE_DIR / "deploy" / "healthy"
CONTAINERS_USER = 10001
# As a container with all capabilities dropped, no-new-privileges and Docker's default profile.
AS_IN_A_CONTAINER = f"""
import os, sys
from sandbox.guest import kernel
from sandbox.tests import denials
if os.geteuid() == 0:
    for capability in range(41):
        kernel.prctl(24, capability)  # PR_CAPBSET_DROP
    os.setgroups([])
    os.setgid({CONTAINERS_USER})
    os.setuid({CONTAINERS_USER})
denials.deny_namespaces()
os.execv(sys.executable, [sys.executable, "-m", "sandbox", "--json", "level"])
"""


def test_hadolint_finds_nothing() -> None:
    done = subprocess.run(
        [shutil.which("hadolint", path=Path(sys.executable).parent) or "hadolint", BASE_DIR / "Dockerfile"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_no_compiler_is_in_the_final_stage_and_nobody_is_root() -> None:
    build, final = DOCKERFILE.split("FROM python")[1:]
    assert "gcc" in build
    assert not re.search(r"gcc|-dev\b|build-essential", final)
    assert re.findall(r"^USER (.*)$", final, re.MULTILINE) == ["10001:10001"]
    assert "STOPSIGNAL SIGTERM" in final
    assert "--require-hashes" in build


def test_the_base_is_the_python_that_tests_run_on_at_least() -> None:
    version = re.search(r"^ARG PYTHON=(\d+)\.(\d+)\.\d+-slim-", DOCKERFILE, re.MULTILINE)
    assert version
    assert (3, 11) <= (int(version[1]), int(version[2])) <= (3, 13)


@pytest.mark.acceptance
def test_what_is_copied_serves_and_migrates_without_the_rest(tmp_path: Path) -> None:
    app = context.copied(tmp_path / "app")
    data = tmp_path / "data"
    data.mkdir()
    environ = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "platform_site.config.settings",
        "SECRET_KEY": "x" * 50,
        "ENCRYPTION_KEYS": new_key(),
        "PLATFORM_DATA_DIR": str(data),
        "STATIC_ROOT": str(app / "static"),
        "ADMIN_PASSWORD": "from-the-operator",
        "LOG_FORMAT": "json",
    }

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=app, env=environ, capture_output=True, text=True, timeout=600
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("manage.py", "collectstatic", "--noinput")
    assert (app / "static" / "platform" / "admin.css").exists()
    run("manage.py", "migrate", "--noinput")
    assert "Created the login admin." in run("manage.py", "first_login")
    assert "There are already users: nothing was created." in run("manage.py", "first_login")
    run("-c", "import platform_site.web.process")
    assert not list(app.rglob("tests"))


def python_for_everybody() -> str:
    """An interpreter that another user may run: pyenv's, in a home directory, is for its owner only."""
    base = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    if os.geteuid() != 0 or all(folder.stat().st_mode & 0o001 for folder in base.parents):
        return str(base)
    found = shutil.which("python3", path="/usr/local/bin:/usr/bin")
    assert found, "no python3 that another user may run"
    return found


def test_a_script_in_a_hardened_container_is_held_at_level_one() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # another user reads it
        shutil.copytree(BASE_DIR / "sandbox", Path(folder) / "sandbox")
        done = subprocess.run(
            [python_for_everybody(), "-c", AS_IN_A_CONTAINER],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=600,
        )
    assert done.returncode == 0, done.stderr
    level = json.loads(done.stdout)
    assert level["number"] == 1, level
    assert len(level["stopped"]) >= 10


def healthy(*arguments: str, **environ: str) -> int:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        [HEALTHY, *arguments], env={"PATH": path, **environ}, capture_output=True
    ).returncode


def test_beat_and_workers_are_healthy_while_they_touch_their_file(tmp_path: Path) -> None:
    file = tmp_path / "alive"
    assert healthy("celery", ALIVE_FILE=str(file)) != 0
    file.touch()
    assert healthy("celery", ALIVE_FILE=str(file)) == 0
    os.utime(file, (time.time() - 300,) * 2)
    assert healthy("celery", ALIVE_FILE=str(file)) != 0


@pytest.fixture
def port() -> Iterator[int]:
    """Of a server that answers 200 at /healthz and nowhere else."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


def test_web_is_healthy_while_it_answers(port: int) -> None:
    assert healthy("web", PLATFORM_PORT=str(port)) == 0
    assert healthy("flower", FLOWER_PORT=str(port)) != 0
    assert healthy("nobody") == 2
