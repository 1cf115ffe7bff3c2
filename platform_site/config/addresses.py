"""The addresses at which the platform listens, and the names by which it is called."""

from __future__ import annotations

from urllib.parse import urlsplit

from platform_site.config.env import Reader

LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def host_and_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reachable_host(host: str) -> str:
    """Return the host under which this machine reaches what listens on `host`."""
    return EVERYWHERE.get(host, host)


def origin(url: str) -> str:
    """Return scheme, host and port, as a browser sends them in the Origin header."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def allowed_hosts(env: Reader, host: str, public_base_url: str) -> list[str]:
    """Return ALLOWED_HOSTS, else the name in PUBLIC_BASE_URL and the address listened on; loopback names always.

    A platform that listens on every address and names none may be reached by any name.
    """
    named = env.words("ALLOWED_HOSTS")
    if not named and host in EVERYWHERE and not env.text("PUBLIC_BASE_URL"):
        return ["*"]
    public = urlsplit(public_base_url).hostname or host
    return [*LOOPBACK, *(named or [_bracketed(host), _bracketed(public)])]


def _bracketed(host: str) -> str:
    """Return the host as it stands in a Host header."""
    return f"[{host}]" if ":" in host else host
