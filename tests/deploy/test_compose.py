"""docker-compose.yml: what it must say of every container, checked without Docker."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, BusyLoadingError, ConnectionError

from platform_site.tests.config.test_docs import documented
from platform_site.up.embedded_redis import from_wheel
from testing.patience import eventually
from testing.ports import free_port
from tests.deploy import compose, env_file

FLOWERS_OWN = {"FLOWER_ADDRESS", "FLOWER_PORT", "FLOWER_BASIC_AUTH", "FLOWER_PERSISTENT"}


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return env_file.made(tmp_path)


@pytest.fixture
def services(environ: dict[str, str]) -> dict[str, dict[str, Any]]:
    return compose.services(environ)


@pytest.fixture
def ours(environ: dict[str, str]) -> dict[str, dict[str, Any]]:
    return compose.ours(environ)


def test_it_follows_the_compose_specification() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*check, str(compose.FILE)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_every_image_has_a_version(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        assert re.fullmatch(r"[a-z-]+:\d+\.\d+\.\d+(-[a-z]+)?", service["image"])


def test_every_container_has_nothing_that_it_does_not_need(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["user"] not in ("", "root", "0", "0:0"), name
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}, name
        assert not {"privileged", "cap_add", "network_mode", "pid"} & set(service), name


def test_every_container_that_stays_has_a_health_check(services: dict[str, dict[str, Any]]) -> None:
    assert services.pop("migrate")["healthcheck"] == {"disable": True}
    for name, service in services.items():
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name


def test_nothing_of_ours_starts_before_the_database_is_migrated(ours: dict[str, dict[str, Any]]) -> None:
    first = ours.pop("migrate")["depends_on"]
    assert {first[name]["condition"] for name in ("mysql", "redis")} == {"service_healthy"}
    for service in ours.values():
        assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_the_image_is_built_or_pulled_once(ours: dict[str, dict[str, Any]]) -> None:
    """Two that build one tag at once are in each other's way, and a pull of what is being built would fail."""
    assert [name for name, service in ours.items() if "build" in service] == ["migrate"]
    policies = {name: service["pull_policy"] for name, service in ours.items()}
    assert policies.pop("migrate") == "missing"
    assert set(policies.values()) == {"never"}


def test_a_worker_has_longer_to_end_than_its_soft_shutdown_takes(ours: dict[str, dict[str, Any]]) -> None:
    for name in ("worker-io", "worker-notify", "worker-script"):
        worker = ours[name]
        soft = int(worker["environment"]["SOFT_SHUTDOWN_SECONDS"])
        assert compose.seconds(worker["stop_grace_period"]) >= soft + 10


def test_how_many_workers_there_are_stands_in_env(environ: dict[str, str]) -> None:
    """`docker compose up -d` takes away what only a `--scale` of yesterday has asked for."""
    numbers = {
        "worker-io": "IO_WORKERS",
        "worker-notify": "NOTIFY_WORKERS",
        "worker-script": "SCRIPT_WORKERS",
    }
    assert {role: environ[name] for role, name in numbers.items()} == dict.fromkeys(numbers, "1")
    many = compose.ours(environ | dict.fromkeys(numbers.values(), "3"))
    assert {role: many[role]["deploy"]["replicas"] for role in numbers} == dict.fromkeys(numbers, "3")


def test_no_log_grows_without_end(services: dict[str, dict[str, Any]]) -> None:
    for name, service in services.items():
        assert service["logging"]["driver"] == "json-file", name
        assert set(service["logging"]["options"]) == {"max-size", "max-file"}, name


def test_the_database_uses_its_memory_and_throws_old_binlogs_away(
    services: dict[str, dict[str, Any]],
) -> None:
    flags = dict(part[2:].partition("=")[::2] for part in services["mysql"]["command"])
    assert services["mysql"]["deploy"]["resources"]["limits"]["memory"] == "2g"
    assert flags["innodb-buffer-pool-size"] == "1G"
    assert int(flags["binlog-expire-logs-seconds"]) < 30 * 86400, "MySQL's own"


def test_workers_and_beats_can_be_many(ours: dict[str, dict[str, Any]]) -> None:
    assert ours["beat"]["deploy"]["replicas"] == 2
    for name in ("beat", "worker-io", "worker-notify", "worker-script"):
        assert not {"container_name", "ports", "hostname"} & set(ours[name])


def test_database_and_redis_are_reached_by_the_platform_only(environ: dict[str, str]) -> None:
    whole = compose.compose(environ)
    assert whole["networks"]["data"] == {"internal": True}
    for name in compose.INFRASTRUCTURE:
        assert whole["services"][name]["networks"] == ["data"]
        assert "ports" not in whole["services"][name]


def test_a_read_only_container_is_given_no_file_that_compose_would_have_to_write(
    environ: dict[str, str],
) -> None:
    """Compose copies a config's or a secret's `content` or `environment` into the container, which it then cannot."""
    whole = compose.compose(environ)
    for name, service in whole["services"].items():
        for kind in ("configs", "secrets"):
            given = [g if isinstance(g, str) else g["source"] for g in service.get(kind, [])]
            assert not service["read_only"] or all("file" in whole[kind][source] for source in given), name


def test_redis_keeps_what_it_has_and_wants_a_password(
    services: dict[str, dict[str, Any]], environ: dict[str, str], tmp_path: Path
) -> None:
    """Its command is run as it stands there, on another port."""
    (tmp_path / "redis-server").symlink_to(from_wheel())
    service, port = services["redis"], free_port()
    command = [part.replace("redis-server -", f"redis-server - --port {port}") for part in service["command"]]
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with subprocess.Popen(command, cwd=tmp_path, env=path | service["environment"]) as process:
        try:
            client = Redis(port=port, password=environ["REDIS_PASSWORD"], decode_responses=True)
            eventually(lambda: process.poll() is not None or answers(client))
            kept = {"appendonly": "yes", "maxmemory-policy": "noeviction", "save": ""}
            assert kept.items() <= client.config_get("*").items()
            with pytest.raises(AuthenticationError):
                Redis(port=port).ping()
            told = Path(f"/proc/{process.pid}/cmdline").read_text()
            assert told.startswith("redis-server")
            assert environ["REDIS_PASSWORD"] not in told
        finally:
            process.terminate()  # the server itself: SIGTERM must not stay with a shell


def answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except (ConnectionError, BusyLoadingError):
        return False


def test_web_and_flower_are_published_where_the_operator_says(ours: dict[str, dict[str, Any]]) -> None:
    published = {name: service["ports"] for name, service in ours.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"], "flower": ["127.0.0.1:5555:5555"]}
    assert ours["flower"]["environment"]["FLOWER_BASIC_AUTH"].startswith("admin:")


def test_every_queue_has_a_worker_of_its_own(ours: dict[str, dict[str, Any]]) -> None:
    queues = [
        service["command"][-1] for service in ours.values() if "platform_site.worker" in service["command"]
    ]
    assert sorted(queues) == ["io", "notify", "script"]


def test_every_variable_of_a_container_is_read_by_somebody(ours: dict[str, dict[str, Any]]) -> None:
    for name, service in ours.items():
        assert set(service["environment"]) <= documented() | FLOWERS_OWN, name
        assert {"SECRET_KEY", "ENCRYPTION_KEYS", "DATABASE_URL", "REDIS_URL"} <= set(service["environment"])


@pytest.mark.parametrize("name", ["SECRET_KEY", "ENCRYPTION_KEYS", "MYSQL_PASSWORD", "REDIS_PASSWORD"])
def test_without_a_secret_nothing_starts(environ: dict[str, str], name: str) -> None:
    with pytest.raises(KeyError, match=name):
        compose.compose(environ | {name: ""})


def test_the_example_becomes_an_env_file_with_secrets_of_its_own(tmp_path: Path) -> None:
    values = env_file.made(tmp_path)
    secrets = [values[n] for n in ("SECRET_KEY", "ENCRYPTION_KEYS", "MYSQL_PASSWORD", "ADMIN_PASSWORD")]
    assert len(set(secrets)) == 4
    assert {len(secret) for secret in secrets} == {44}
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert "<new>" not in str(values)
