"""The order in which a platform comes up."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path

import redis
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection

from common.redis_client import client
from platform_site.config.addresses import host_and_port
from platform_site.config.data_dir import write_file, write_file_once
from platform_site.config.env import SettingError
from platform_site.up import embedded_redis, lock, ports, readiness, welcome
from platform_site.up.first_start import ADMIN, make_login
from platform_site.up.process import say
from platform_site.up.services import services
from platform_site.up.tree import NeverReadyError, ServiceDiedError, StopRequestedError, Tree

REDIS_PATIENCE_SECONDS = 30.0  # it reads its append-only file first
READY_PATIENCE_SECONDS = 180.0


def run() -> int:
    """Run the platform until it is told to stop or a service dies; return the exit code. Raises SettingError."""
    held = lock.take_lock(settings.DATA_DIR)
    check_ports()
    check_database()
    check_redis()
    try:
        with Tree(held) as tree:
            bring_up(tree)
            tree.for_ever()
    except StopRequestedError:
        return 0
    except (ServiceDiedError, NeverReadyError) as error:
        print(error, file=sys.stderr)
    finally:
        forget_redis()
    return 1


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


def bring_up(tree: Tree) -> None:
    start_redis(tree, settings.DATA_DIR)
    new_password = migrate()
    warn_root()
    login = f"{ADMIN}:{flower_password(settings.DATA_DIR)}"
    slots = {"io": settings.IO_SLOTS, "notify": settings.NOTIFY_SLOTS, "script": settings.SCRIPT_SLOTS}
    for service in services(settings.HOST, settings.FLOWER_PORT, slots, login):
        tree.start(service)
    tree.until(
        lambda: readiness.missing(settings.HOST, settings.PORT, settings.FLOWER_PORT), READY_PATIENCE_SECONDS
    )
    say(f"Ready: http://{host_and_port(settings.HOST, settings.PORT)}/admin/")
    say(welcome.box(settings.HOST, settings.PORT, settings.FLOWER_PORT, settings.DATA_DIR, new_password))


def start_redis(tree: Tree, data_dir: Path) -> None:
    """Start the embedded Redis, and keep its address for every process that loads the settings.

    None is started where REDIS_URL names one.
    """
    forget_redis()
    if settings.REDIS_EMBEDDED:
        server = embedded_redis.new(data_dir)
        tree.start(server.service())
        tree.until(server.missing, REDIS_PATIENCE_SECONDS)
        write_file(data_dir, "redis-url", server.url)


def forget_redis() -> None:
    """Delete the embedded Redis's address: its port may soon be somebody else's."""
    (settings.DATA_DIR / "redis-url").unlink(missing_ok=True)


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


def flower_password(data_dir: Path) -> str:
    """Return Flower's own password. Flower lets anybody guess without limit, so it must not be a user's password."""
    return write_file_once(data_dir, "flower-password", secrets.token_urlsafe(24))
