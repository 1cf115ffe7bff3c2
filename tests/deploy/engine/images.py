"""The base images that Dockerfile and docker-compose.yml name, made of Debian's packages under the same names.

Nothing of a file that is tested is changed for it. What the official ones promise and the files rely on is there:
users, paths, entry points. Their versions are Debian's: a newer MySQL and Redis, and Python but for its last digit.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from platform_site.config.data_dir import BASE_DIR
from tests.deploy import compose
from tests.deploy.engine.daemon import Engine
from tests.deploy.engine.debian import Debian

ENTRYPOINT = Path(__file__).with_name("entrypoint-mysql")
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
NEEDED = ("MYSQL_PASSWORD", "REDIS_PASSWORD", "SECRET_KEY", "ENCRYPTION_KEYS", "FLOWER_PASSWORD")


@dataclass(frozen=True)
class Base:
    debian: Debian
    changes: tuple[str, ...]

    @property
    def recipe(self) -> str:
        """Another one wherever the image would be made otherwise."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


# Who asks for packages here may do so through a proxy with a certificate of its own.
PYTHON = Base(
    Debian(
        "bookworm",
        ("python3", "python3-dev", "python3-venv", "ca-certificates"),
        (
            'ln -s /usr/bin/python3 "$1/usr/local/bin/python"',
            'ln -s /usr/bin/python3 "$1/usr/local/bin/python3"',
            f'cp {CERTIFICATES} "$1{CERTIFICATES}"',
            f'printf "[global]\\ncert = {CERTIFICATES}\\n" >"$1/etc/pip.conf"',
        ),
    ),
    ('CMD ["python3"]',),
)
MYSQL = Base(
    Debian(
        "sid",
        ("mysql-server-core", "mysql-client-core", "passwd"),
        (
            'chroot "$1" groupadd --system --gid 999 mysql',
            'chroot "$1" useradd --system --uid 999 --gid 999 --home-dir /var/lib/mysql mysql',
            'chroot "$1" install -d -o mysql -g mysql -m 1777 /var/lib/mysql /var/run/mysqld',
            'printf "[mysqld]\\nskip-name-resolve\\n" >"$1/etc/my.cnf"',
            f"install -m 755 /dev/stdin \"$1/usr/local/bin/entrypoint\" <<'END'\n{ENTRYPOINT.read_text()}END",
        ),
    ),
    ("VOLUME /var/lib/mysql", 'ENTRYPOINT ["entrypoint"]', 'CMD ["mysqld"]'),
)
REDIS = Base(
    Debian("sid", ("redis-server",), ('chroot "$1" install -d -o redis -g redis /data',)),
    ("VOLUME /data", "WORKDIR /data", 'CMD ["redis-server"]'),
)


def bases() -> dict[str, Base]:
    """By the name under which somebody looks for it."""
    python = re.search(r"^ARG PYTHON=(.*)$", (BASE_DIR / "Dockerfile").read_text(), re.MULTILINE)
    assert python
    services = compose.services(dict.fromkeys(NEEDED, "x"))
    return {
        f"python:{python[1]}": PYTHON,
        services["mysql"]["image"]: MYSQL,
        services["redis"]["image"]: REDIS,
    }


def make(engine: Engine) -> None:
    """Those that the engine does not have yet."""
    for name, base in bases().items():
        asked = ("docker", "image", "inspect", "--format={{.Config.Labels.recipe}}", name)
        if engine.tried(*asked).stdout.decode().strip() != base.recipe:
            _import(engine, name, base)
    engine.run("docker", "image", "prune", "--force")  # those whose names they took


def _import(engine: Engine, name: str, base: Base) -> None:
    changes = [f"--change={change}" for change in (*base.changes, f"LABEL recipe={base.recipe}")]
    load = engine.inside("docker", "import", "--platform=linux/amd64", *changes, "-", name)
    with base.debian.archive(engine.folder) as archive:
        done = subprocess.run(load, stdin=archive, capture_output=True, text=True)
    assert done.returncode == 0, (name, done.stderr)
