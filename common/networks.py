"""A network that the operator has opened, as OUTBOUND_ALLOWED_NETWORKS names it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True)
class PartOfNetwork:
    """A network of which only some ports are open."""

    network: Network
    ports: frozenset[int]

    def __str__(self) -> str:
        return f"{self.network}:{','.join(map(str, sorted(self.ports)))}"


Opened = Network | PartOfNetwork


def has(opened: Opened, address: Address, port: int | None) -> bool:
    """Return whether the address is open at this port; at any port, if `port` is None."""
    if isinstance(opened, PartOfNetwork):
        return address in opened.network and (port is None or port in opened.ports)
    return address in opened


def opens_all(opened: Opened) -> bool:
    return (opened.network if isinstance(opened, PartOfNetwork) else opened).prefixlen == 0


def parse(words: Sequence[str]) -> tuple[Opened, ...]:
    """Read networks as `10.1.0.0/16` or `10.1.0.0/16:3306,6379`, split at the commas. Raises ValueError."""
    found: list[tuple[str, list[str]]] = []
    for word in words:
        if word.isdecimal() and found and found[-1][1]:
            found[-1][1].append(word)
        else:
            base, slash, rest = word.partition("/")
            length, colon, port = rest.partition(":")
            found.append((base + slash + length, [port] if colon else []))
    return tuple(_opened(network, ports) for network, ports in found)


def parse_ports(words: Sequence[str]) -> frozenset[int]:
    """Read ports. Raises ValueError."""
    ports = frozenset(map(int, words))
    if wrong := [port for port in ports if not 1 <= port <= 65535]:
        raise ValueError(f"{wrong[0]} is not a port")
    return ports


def _opened(network: str, ports: Sequence[str]) -> Opened:
    return PartOfNetwork(ip_network(network), parse_ports(ports)) if ports else ip_network(network)
