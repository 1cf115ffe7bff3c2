"""docker-compose.yml of a checkout, brought up by a real engine as its documents say."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from platform_site.config.data_dir import BASE_DIR
from testing.patience import eventually
from testing.rest import Rest
from tests.deploy import env_file
from tests.deploy.engine.daemon import Engine

CHECKOUT = "/srv/checkout"
TRACKED = "git ls-files -z --cached --others --exclude-standard"


class Stack(Rest):
    """Use it in a with block: no image is there before, no container, network or volume afterwards.

    `chosen` is what an operator wrote into `.env` on top of the example.
    """

    def __init__(self, engine: Engine, chosen: Mapping[str, str] = {}) -> None:
        self.engine, self.chosen = engine, {"OUTBOUND_ALLOWED_NETWORKS": f"{engine.OUTSIDE}/32", **chosen}
        self.checkout = engine.root / CHECKOUT.strip("/")

    def __enter__(self) -> Stack:
        _copy(self.checkout)
        self.dotenv = env_file.made(self.checkout) | self.chosen
        (self.checkout / ".env").write_text(
            "".join(f"{name}={value}\n" for name, value in self.dotenv.items())
        )
        self.down()  # what one that was killed has left: a database with another password, for one
        self.engine.tried("docker", "image", "rm", "--force", self.dotenv["PLATFORM_IMAGE"])
        self.base = f"http://127.0.0.1:{self.dotenv['PLATFORM_PORT']}"
        return self

    def __exit__(self, *_: object) -> None:
        self.down()
        shutil.rmtree(self.checkout)

    def compose(self, *arguments: str, feed: bytes | None = None) -> str:
        return self.engine.run("docker", "compose", *arguments, folder=CHECKOUT, feed=feed)

    def up(self, *arguments: str) -> None:
        """`docker compose up -d`, and waits until all are healthy."""
        try:
            self.compose("up", "-d", *arguments)
            self.until_healthy()
        except AssertionError as error:
            logs = self.compose("logs", "--no-color", "--tail=20")
            raise AssertionError(f"{error}\n{self.containers()}\n{logs}") from None

    def down(self) -> None:
        self.compose("down", "--volumes", "--remove-orphans")

    def until_healthy(self) -> None:
        eventually(self.is_healthy)
        self.token = self.manage("create_token", "tests").strip()

    def is_healthy(self) -> bool:
        states = {(c["Service"], c["State"], c["Health"], c["ExitCode"]) for c in self.containers()}
        migrated = ("migrate", "exited", "", 0)
        return migrated in states and all(s[2] == "healthy" for s in states if s != migrated)

    def containers(self) -> list[dict[str, Any]]:
        """Those that run and those that have ended."""
        return [json.loads(line) for line in self.compose("ps", "--all", "--format=json").splitlines()]

    def manage(self, *arguments: str) -> str:
        return self.compose("exec", "-T", "web", "python", "manage.py", *arguments)

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, bytes]:
        with self.engine.network():
            return super().ask(method, path, body)

    def outside(self, url: str) -> str:
        return self.engine.outside(url)


def _copy(target: Path) -> None:
    """What a clone would hold, and what is not committed yet; made by somebody whose files nobody else may read."""
    with suppress(FileNotFoundError):
        shutil.rmtree(target)
    listed = subprocess.run(TRACKED.split(), cwd=BASE_DIR, capture_output=True, text=True, check=True).stdout
    before = os.umask(0o077)
    try:
        for name in filter(None, listed.split("\0")):
            source = BASE_DIR / name
            if source.is_file():
                (target / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target / name)
                (target / name).chmod(source.stat().st_mode & 0o700)
    finally:
        os.umask(before)
