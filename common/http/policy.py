from collections.abc import Container
from dataclasses import dataclass

from common.networks import Opened


@dataclass(frozen=True)
class Policy:
    """What one client may reach and how long it may take.

    `allowed_networks` opens private networks (OUTBOUND_ALLOWED_NETWORKS). `public_ports` are those that are open
    everywhere else; None: all of them.
    `connect_seconds` covers DNS, TCP, the proxy and TLS; `read_seconds` is the longest wait for one byte;
    `total_seconds` is the whole exchange, redirects and body included.
    `max_bytes` counts the body as decompressed. `max_redirects` holds for GET and HEAD: other methods get
    the 3xx answer itself, as everything does at 0.
    `proxy_url` is `http://[user:password@]host:port`. Its address obeys the same rules as any other unless
    `proxy_is_trusted`: true only where the operator, not a tenant, chose it.
    """

    allowed_networks: tuple[Opened, ...] = ()
    public_ports: Container[int] | None = None
    connect_seconds: float = 10
    read_seconds: float = 30
    total_seconds: float = 60
    max_bytes: int = 10 * 1024 * 1024
    max_redirects: int = 5
    proxy_url: str = ""
    proxy_is_trusted: bool = False
