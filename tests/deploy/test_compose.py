"""docker-compose.yml: what it must say of every container, checked without Docker."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from platform_site.tests.test_configuration_docs import documented
from tests.deploy import compose, env_file

CELERYS_OWN = {"REMAP_SIGTERM"}
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


def test_a_worker_has_longer_to_end_than_its_soft_shutdown_takes(ours: dict[str, dict[str, Any]]) -> None:
    for name in ("worker-io", "worker-notify", "worker-script"):
        worker = ours[name]
        soft = int(worker["environment"]["SOFT_SHUTDOWN_SECONDS"])
        assert compose.seconds(worker["stop_grace_period"]) >= soft + 10
        assert worker["environment"]["REMAP_SIGTERM"] == "SIGQUIT"


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


def test_redis_keeps_what_it_has_and_wants_a_password(environ: dict[str, str]) -> None:
    config = compose.compose(environ)["configs"]["redis"]["content"].splitlines()
    assert {"appendonly yes", "maxmemory-policy noeviction"} <= set(config)
    assert f"requirepass {environ['REDIS_PASSWORD']}" in config


def test_web_and_flower_are_published_where_the_operator_says(ours: dict[str, dict[str, Any]]) -> None:
    published = {name: service["ports"] for name, service in ours.items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:8000:8000"], "flower": ["127.0.0.1:5555:5555"]}
    assert ours["flower"]["environment"]["FLOWER_BASIC_AUTH"].startswith("admin:")


def test_every_queue_has_a_worker_of_its_own(ours: dict[str, dict[str, Any]]) -> None:
    queues = [a.partition("=")[2] for s in ours.values() for a in s["command"] if a.startswith("--queues=")]
    assert sorted(queues) == ["io", "notify", "script"]


def test_every_variable_of_a_container_is_read_by_somebody(ours: dict[str, dict[str, Any]]) -> None:
    for name, service in ours.items():
        assert set(service["environment"]) <= documented() | CELERYS_OWN | FLOWERS_OWN, name
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
