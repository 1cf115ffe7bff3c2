"""A fresh checkout's first start, with the default data dir; then a second instance beside it."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from common.crypto import hash_token
from platform_site.config.data_dir import BASE_DIR
from testing.instance import Instance
from testing.patience import eventually
from testing.process_tree import listening

pytestmark = [pytest.mark.acceptance, pytest.mark.xdist_group("first start")]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a clone of this working tree would hold."""
    folder = tmp_path_factory.mktemp("clone") / "checkout"
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.check_output(listed, cwd=BASE_DIR, text=True).split("\0"):
        if name and (BASE_DIR / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(BASE_DIR / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def before(checkout: Path) -> set[Path]:
    return set(checkout.rglob("*"))


@pytest.fixture(scope="module")
def instance(checkout: Path, before: set[Path]) -> Iterator[Instance]:
    with Instance(None, checkout=checkout) as running:
        yield running.until_ready()


def test_ready_is_said_once_and_true(instance: Instance) -> None:
    ready = [line for line in instance.lines if "Ready" in line]
    assert ready == [f"Ready: http://127.0.0.1:{instance.port}/admin/\n"]
    assert instance.get("/readyz")[0] == 200
    assert instance.get("/admin/login/")[0] == 200


def test_its_start_is_a_dozen_lines_and_a_box_that_says_what_one_needs(instance: Instance) -> None:
    """Of a first start by root, too; nothing in it reads like a fault."""
    start, _said, rest = instance.output.partition("Ready: ")
    assert len(start.splitlines()) <= 12
    assert not re.search("ERROR|WARNING|Warning|Traceback|overcommit", start)
    box = rest.splitlines()[1:9]
    assert box[0] == box[-1]
    assert set(box[0]) == {"+", "-"}
    for name in ("Admin", "Login", "Flower", "admin-password", "flower-password", "Ctrl-C"):
        assert name in rest


def test_the_password_is_printed_once_and_kept(instance: Instance) -> None:
    password = instance.file("admin-password")
    assert instance.output.count(password) == 1


def test_what_is_secret_is_the_owners_alone(instance: Instance) -> None:
    names = [
        "admin-password",
        "flower-password",
        "api-token",
        "secret-key",
        "encryption-keys",
        "redis-url",
        "lock",
    ]
    modes = {name: stat.S_IMODE((instance.data_dir / name).stat().st_mode) for name in names}
    assert modes == dict.fromkeys(names, 0o600)
    assert stat.S_IMODE(instance.data_dir.stat().st_mode) == 0o700


def test_the_token_is_a_superusers_and_stands_in_the_database_only_as_a_hash(instance: Instance) -> None:
    token = instance.file("api-token")
    with sqlite3.connect(instance.data_dir / "platform.sqlite3") as database:
        found = database.execute(
            "SELECT username, is_superuser, tenant_id FROM platform_api_tokens"
            " JOIN auth_user ON auth_user.id = user_id WHERE token_hash = ?",
            [hash_token(token)],
        ).fetchall()
        tenants = database.execute("SELECT code FROM platform_tenants").fetchall()
    assert found == [("admin", 1, None)]
    assert tenants == [("default",)]
    assert token.encode() not in (instance.data_dir / "platform.sqlite3").read_bytes()


def test_flower_asks_for_a_login_of_its_own(instance: Instance) -> None:
    """It does not count wrong tries: nobody's password may be guessed there."""
    admins = f"admin:{instance.file('admin-password')}"
    assert instance.get("/api/workers", port=instance.flower_port, login=admins)[0] == 401
    assert instance.get("/", port=instance.flower_port)[0] == 401
    assert instance.get("/api/workers", port=instance.flower_port, login="admin:guess")[0] == 401
    assert instance.flower("/api/workers?refresh=1")[0] == 200


def test_no_secret_stands_in_a_command_line(instance: Instance) -> None:
    redis_password = instance.file("redis-url").partition("://:")[2].partition("@")[0]
    commands = "\n".join(process.command for process in instance.seen())
    assert "redis" in commands
    for secret in (redis_password, instance.file("admin-password"), instance.file("secret-key")):
        assert secret not in commands


def test_only_the_named_ports_and_one_on_loopback_are_taken(instance: Instance) -> None:
    redis_port = int(instance.file("redis-url").rpartition(":")[2].partition("/")[0])
    wanted = {("127.0.0.1", port) for port in (instance.port, instance.flower_port, redis_port)}
    assert listening(instance.seen()) == wanted


def test_nothing_is_written_in_the_checkout_but_the_data_dir(
    checkout: Path, before: set[Path], instance: Instance
) -> None:
    instance.manage("doctor")  # tries the sandbox, whose processes have no environment of ours
    data = instance.data_dir
    written = {path for path in set(checkout.rglob("*")) - before if not path.is_relative_to(data)}
    assert written == set()


def test_a_second_up_on_the_same_data_dir_is_refused(instance: Instance) -> None:
    with Instance(instance.data_dir) as second:
        assert second.wait() == 1
    assert second.lines == [
        f"Invalid setting PLATFORM_DATA_DIR: {instance.data_dir} is in use by another `up`"
        f" (process {instance.process.pid})\n"
    ]


@pytest.mark.parametrize("variable", ["PLATFORM_PORT", "PLATFORM_FLOWER_PORT"])
def test_a_port_in_use_is_named_with_its_variable(instance: Instance, tmp_path: Path, variable: str) -> None:
    with Instance(tmp_path, {variable: str(instance.port)}) as second:
        assert second.wait() == 1
    assert second.lines == [
        f"Invalid setting {variable}: can't listen on 127.0.0.1:{instance.port}: Address already in use\n"
    ]


def test_a_doctor_in_a_second_terminal_finds_the_running_instance(instance: Instance) -> None:
    doctor = instance.manage("doctor", "--json")
    found = json.loads(doctor.stdout)
    assert [finding for finding in found["findings"] if finding["grade"] == "problem"] == []
    assert (doctor.returncode, found["ok"]) == (0, True)


def test_two_instances_know_nothing_of_each_other(instance: Instance, tmp_path: Path) -> None:
    with Instance(tmp_path) as second:
        second.until_ready()
        for one in (instance, second):
            eventually(lambda one=one: len(one.flower("/api/workers?refresh=1")[1]) == 3)  # type: ignore[misc]
        assert instance.file("secret-key") != second.file("secret-key")
        assert instance.file("redis-url") != second.file("redis-url")
        shell = second.manage(
            "shell", "-c", "from common.redis_client import client; print(client().dbsize() > 0)"
        )
        assert shell.stdout.splitlines()[-1] == "True"
    assert instance.get("/readyz")[0] == 200
