"""docs/backup.md, run as it stands there: what comes back is what there was, secrets too."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pymysql
import pytest

from common.crypto import new_key
from platform_site.config.data_dir import BASE_DIR, write_file

SECRET = "a secret that must come back"
WRITE = f"""
from tenants.models import Secret, Tenant
Secret.objects.create(tenant=Tenant.objects.get(), secret_key="key", value={SECRET!r})
"""
READ = """
from django.contrib.auth import authenticate
from tenants.models import Secret
print(Secret.objects.get().value, bool(authenticate(username="admin", password="from-the-operator")))
"""
pytestmark = pytest.mark.acceptance


def blocks(heading: str) -> list[str]:
    """The commands under a heading: backup, then restore."""
    text = (BASE_DIR / "docs" / "backup.md").read_text()
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    backup, restore = re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)
    return [backup, restore]


class Place:
    """A folder with a checkout's .venv and data dir, and nothing else in its environment."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        (folder / ".venv").symlink_to(sys.prefix)
        data = {"PLATFORM_DATA_DIR": str(folder / ".data"), "ADMIN_PASSWORD": "from-the-operator"}
        self.environ = {"PATH": os.environ["PATH"], **data, **environ}

    def sh(self, commands: str) -> None:
        subprocess.run(["sh", "-euc", commands], cwd=self.folder, env=self.environ, check=True, timeout=600)

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, str(BASE_DIR / "manage.py"), *arguments],
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fill(self) -> None:
        self.manage("migrate", "--noinput", "--verbosity=0")
        self.manage("first_login")
        self.manage("shell", "-c", WRITE)

    def read(self) -> str:
        return self.manage("shell", "-c", READ).splitlines()[-1]


def test_sqlite_comes_back_from_its_backup(tmp_path: Path) -> None:
    place = Place(tmp_path, {})
    data = tmp_path / ".data"
    data.mkdir()
    write_file(data, "secret-key", secrets.token_urlsafe(50))
    write_file(data, "encryption-keys", new_key())
    place.fill()
    backup, restore = blocks("SQLite")
    place.sh(backup)
    shutil.rmtree(data)
    place.sh(restore)
    assert place.read() == f"{SECRET} True"
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "backup").iterdir()} == {0}


@pytest.mark.parametrize("ending", ["exit 2", ""])
def test_a_dump_that_breaks_off_is_no_backup(tmp_path: Path, ending: str) -> None:
    dump = tmp_path / "bin" / "mysqldump"
    dump.parent.mkdir()
    dump.write_text(f"#!/bin/sh\necho 'CREATE TABLE half ('\n{ending}\n")
    dump.chmod(0o755)
    login = {"DB_HOST": "h", "DB_PORT": "1", "DB_USER": "u", "DB_PASSWORD": "p", "DB_NAME": "n"}
    place = Place(tmp_path, {"PATH": f"{dump.parent}:{os.environ['PATH']}"} | login)
    backup, _ = blocks("MySQL and MariaDB")
    with pytest.raises(subprocess.CalledProcessError):
        place.sh(backup)
    assert not (tmp_path / "platform.sql.gz").exists()


@pytest.mark.services
@pytest.mark.xdist_group("database server")
def test_mysql_comes_back_from_its_backup(tmp_path: Path) -> None:
    server = urlsplit(os.environ["DATABASE_URL"])
    name = f"backup_{secrets.token_hex(4)}"
    login = {"DB_HOST": server.hostname or "", "DB_PORT": str(server.port), "DB_USER": server.username or ""}
    keys = {"SECRET_KEY": "x" * 50, "ENCRYPTION_KEYS": new_key()}
    place = Place(tmp_path, login | keys | {"DB_PASSWORD": server.password or "", "DB_NAME": name})
    admin = pymysql.connect(host=server.hostname, port=server.port or 3306, user=server.username)
    try:
        admin.cursor().execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        place.fill()
        backup, restore = blocks("MySQL and MariaDB")
        place.sh(backup)
        admin.cursor().execute(f"DROP DATABASE {name}")
        place.sh(restore)
        assert place.read() == f"{SECRET} True"
    finally:
        admin.cursor().execute(f"DROP DATABASE IF EXISTS {name}")
        admin.close()
