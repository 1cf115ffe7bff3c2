"""What has to be done before anything can start; then the supervisor takes this process over, without Django."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import NoReturn

import redis
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from common.redis_client import client
from platform_site.config.addresses import host_and_port, reachable_host
from platform_site.config.data_dir import BASE_DIR, write_file_once
from platform_site.config.env import SettingError
from platform_site.up import embedded_redis, lock, ports, welcome
from platform_site.up.first_start import ADMIN, make_login
from platform_site.up.plan import Plan, Probe
from platform_site.up.process import say
from platform_site.up.services import services


def run() -> NoReturn:
    """Run the platform in this process. Raises SettingError where it can't be started."""
    held = lock.take_lock(settings.DATA_DIR)
    check_ports()
    check_database()
    check_redis()
    new_password = migrate()
    warn_root()
    become_supervisor(plan(held, new_password))


def check_ports() -> None:
    if settings.PORT == settings.FLOWER_PORT:
        raise SettingError("PLATFORM_FLOWER_PORT", f"{settings.PORT} is already used by PLATFORM_PORT")
    ports.check_free("PLATFORM_PORT", settings.HOST, settings.PORT)
    ports.check_free("PLATFORM_FLOWER_PORT", settings.HOST, settings.FLOWER_PORT)


def check_database() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise SettingError("DATABASE_URL", f"the database does not answer: {error.args[-1]}") from None


def check_redis() -> None:
    if settings.REDIS_EMBEDDED:
        embedded_redis.binary()
        return
    try:
        client().ping()
    except redis.RedisError as error:
        raise SettingError("REDIS_URL", f"Redis does not answer: {error}") from None


def migrate() -> str:
    """Migrate the database; return the first login's password where it has just been made, else ""."""
    say("Migrating the database")
    call_command("migrate", interactive=False, verbosity=0)
    password = make_login(settings.DATA_DIR)
    connection.close()
    return password


def warn_root() -> None:
    if os.geteuid() == 0:
        say(
            "You are running as root. That is fine for a trial; in production, run the platform as a "
            "user of its own."
        )


def plan(held: int, new_password: str) -> Plan:
    login = f"{ADMIN}:{flower_password(settings.DATA_DIR)}"
    host = reachable_host(settings.HOST)
    box = welcome.box(settings.HOST, settings.PORT, settings.FLOWER_PORT, settings.DATA_DIR, new_password)
    return Plan(
        lock=held,
        redis=embedded_redis.new(settings.DATA_DIR) if settings.REDIS_EMBEDDED else None,
        services=services(settings.HOST, settings.FLOWER_PORT, login),
        probes=[
            Probe("flower", host, settings.FLOWER_PORT, "/healthcheck"),
            Probe("web", host, settings.PORT, "/readyz", settings.METRICS_TOKEN),
        ],
        ready=f"Ready: http://{host_and_port(settings.HOST, settings.PORT)}/admin/\n{box}",
    )


def flower_password(data_dir: Path) -> str:
    """Return Flower's own password. Flower lets anybody guess without limit, so it must not be a user's password."""
    return write_file_once(data_dir, "flower-password", secrets.token_urlsafe(24))


def become_supervisor(found: Plan) -> NoReturn:
    """Replace this process by the supervisor. The plan goes through a file in memory: it contains passwords."""
    handed_over = os.memfd_create("plan")
    os.write(handed_over, found.json())
    os.lseek(handed_over, 0, os.SEEK_SET)
    for descriptor in (handed_over, found.lock):
        os.set_inheritable(descriptor, True)
    os.chdir(BASE_DIR)
    arguments = ["-S", "-m", "platform_site.up.supervisor", str(handed_over)]
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606  # no shell, on purpose
