"""A client that may reach 127.0.0.1 and no other private address."""

from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from common.http import Client, Policy, Resolver

LOCAL = (ip_network("127.0.0.1/32"),)


def local_policy(**changes: Any) -> Policy:
    return replace(Policy(allowed_networks=LOCAL, connect_seconds=5, total_seconds=20), **changes)


def local_client(*, resolver: Resolver | None = None, tls: Any = None, **changes: Any) -> Client:
    return Client(local_policy(**changes), resolver=resolver or names({}), tls=tls)


def names(known: dict[str, list[str]]) -> Resolver:
    """A DNS of this test's own: a name that isn't in it doesn't exist."""

    def resolve(host: str, port: int) -> list[str]:
        if host not in known:
            raise OSError(f"no such name: {host}")
        return known[host]

    return resolve
