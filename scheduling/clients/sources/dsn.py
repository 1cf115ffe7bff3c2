"""A source's DSN: sqlite:////var/lib/shop.db, or mysql://user:password@host:3306/shop?tls=true (or mariadb://)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

from .errors import InvalidDsnError

SCHEMES: dict[str, Literal["sqlite", "mysql"]] = {"sqlite": "sqlite", "mysql": "mysql", "mariadb": "mysql"}


@dataclass(frozen=True)
class Dsn:
    """`database` is the file's path for SQLite. `tls` requires TLS with a verified server certificate."""

    kind: Literal["sqlite", "mysql"]
    database: str
    host: str = ""
    port: int = 3306
    user: str = ""
    password: str = field(default="", repr=False)
    tls: bool = False


def read_dsn(text: str) -> Dsn:
    """Parse a DSN. Raises InvalidDsnError."""
    try:
        url = urlsplit(text)
        port = url.port or 3306
        options = parse_qs(url.query, strict_parsing=True) if url.query else {}
    except ValueError as error:
        raise InvalidDsnError("the DSN can't be read") from error
    kind = SCHEMES.get(url.scheme)
    if kind is None:
        raise InvalidDsnError(f"a DSN begins with {', '.join(f'{scheme}://' for scheme in SCHEMES)}")
    database = unquote(url.path)[1:]
    if kind == "sqlite":
        if url.netloc or not database.startswith("/"):
            raise InvalidDsnError("SQLite needs an absolute path: sqlite:////var/lib/shop.db")
        return Dsn(kind, database)
    if not url.hostname or not database or "/" in database:
        raise InvalidDsnError("a host and a database are required: mysql://user:password@host:3306/shop")
    if set(options) - {"tls"}:
        raise InvalidDsnError("the only option allowed is tls")
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return Dsn(kind, database, url.hostname, port, user, password, options.get("tls") == ["true"])
