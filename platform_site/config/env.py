"""Reads settings from the environment and refuses wrong ones by name.

`SettingError` carries the variable's name and what to do: `manage.py` prints it as one line.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from cryptography.fernet import Fernet

from common import networks

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


class SettingError(Exception):
    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name = name


class Reader:
    """Typed look-ups. An empty variable counts as unset; several names are aliases, and the first one set wins."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self.environ = os.environ if environ is None else environ

    def found(self, *names: str) -> tuple[str, str] | None:
        return next(((n, v) for n in names if (v := self.environ.get(n, "").strip())), None)

    def text(self, *names: str, default: str = "") -> str:
        found = self.found(*names)
        return found[1] if found else default

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name).lower()
        if value and value not in TRUE | FALSE:
            raise SettingError(name, f"{value!r} is neither true nor false")
        return value in TRUE if value else default

    def number(self, *names: str, default: int, minimum: int = 0, maximum: int = 2**31) -> int:
        found = self.found(*names)
        if found is None:
            return default
        name, value = found
        try:
            number = int(value)
        except ValueError:
            raise SettingError(name, f"{value!r} is not a whole number") from None
        if not minimum <= number <= maximum:
            raise SettingError(name, f"{number} is not between {minimum} and {maximum}")
        return number

    def port(self, *names: str, default: int) -> int:
        return self.number(*names, default=default, minimum=1, maximum=65535)

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default=default)
        if value.upper() not in choices:
            raise SettingError(name, f"{value!r} must be one of {', '.join(choices)}")
        return value.upper()

    def words(self, name: str, default: str = "") -> list[str]:
        return [w.strip() for w in self.text(name, default=default).split(",") if w.strip()]

    def fernet_keys(self, name: str, default: str) -> list[str]:
        keys = self.words(name, default)
        try:
            for key in keys:
                Fernet(key)
        except ValueError:
            raise SettingError(
                name, "write Fernet keys separated by commas: 32 bytes each, in URL-safe Base64"
            ) from None
        return keys

    def pairs(self, name: str) -> dict[str, str]:
        """Read pairs that are written as NAME=a=b,c=d."""
        found = dict(word.partition("=")[::2] for word in self.words(name))
        if not all(key and value for key, value in found.items()):
            raise SettingError(name, "write pairs as a=b, separated by commas")
        return found

    def networks(self, name: str) -> tuple[networks.Opened, ...]:
        try:
            return networks.parse(self.words(name))
        except ValueError as error:
            how = "write networks as 10.1.0.0/16 or 10.1.0.0/16:3306,6379, separated by commas"
            raise SettingError(name, f"{error}; {how}") from None

    def ports(self, name: str, default: str) -> frozenset[int]:
        try:
            return networks.parse_ports(self.words(name, default))
        except ValueError as error:
            raise SettingError(name, f"{error}; write ports as 80,443") from None

    def url(self, name: str, schemes: tuple[str, ...], default: str = "") -> str:
        value = self.text(name, default=default)
        if value and (urlsplit(value).scheme not in schemes or "://" not in value):
            raise SettingError(name, f"must begin with one of {', '.join(s + '://' for s in schemes)}")
        return value

    def folder(self, name: str, default: Path) -> Path:
        return Path(self.text(name, default=str(default))).expanduser().absolute()

    def database_url(self, default: str) -> str:
        """Return DATABASE_URL, else an address made of the first old system's variables.

        Those are DB_HOST, DB_PORT, DB_USER, DB_PASSWORD and DB_NAME.
        """
        url = self.text("DATABASE_URL")
        if url or not self.text("DB_HOST", "DB_NAME"):
            return url or default
        user, password = quote(self.text("DB_USER", default="root"), ""), quote(self.text("DB_PASSWORD"), "")
        host, port = self.text("DB_HOST", default="127.0.0.1"), self.port("DB_PORT", default=3306)
        return (
            f"mysql://{user}:{password}@{host}:{port}/{quote(self.text('DB_NAME', default='wechat_job'), '')}"
        )
