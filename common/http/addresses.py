"""The addresses that a request may go to. No name has to be trusted: the addresses that it leads to are judged."""

from collections.abc import Container, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Network

from common.networks import Address, Network, Opened, has

__all__ = ["Address", "Network", "is_permitted"]

# IANA's special-purpose registries, written out: `is_global` differs between versions of Python.
# https://www.iana.org/assignments/iana-ipv4-special-registry
REFUSED_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this host: Linux connects 0.0.0.0 to loopback
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier NAT; Alibaba Cloud's metadata is 100.100.100.200
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's host agent, a public address by its number only
        "169.254.0.0/16",  # link-local; the other clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# https://www.iana.org/assignments/iana-ipv6-special-registry: only 2000::/3 is given out as global unicast.
GLOBAL_V6 = IPv6Network("2000::/3")
REFUSED_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarking
        "2001:db8::/32",
        "2002::/16",  # 6to4 carries any IPv4 address
        "3fff::/20",
    )
)
NAT64 = IPv6Network("64:ff9b::/96")


def is_permitted(
    address: Address, port: int | None, allowed: Iterable[Opened], public_ports: Container[int] | None = None
) -> bool:
    """Return whether an address is public, or open as part of an allowed network, at this port; None: at any port.

    `public_ports` are those that are open at public addresses; None: all of them. An allowed IPv4 network also allows
    its addresses embedded in IPv6, and opens nothing else of IPv6.
    """
    bare = _undressed(address)
    if _is_public(bare) and (public_ports is None or port is None or port in public_ports):
        return True
    return any(has(opened, bare, port) or has(opened, address, port) for opened in allowed)


def _undressed(address: Address) -> Address:
    """Return the IPv4 address that an IPv4-mapped or NAT64 address leads to, otherwise the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not any(address in network for network in REFUSED_V4)
    return address in GLOBAL_V6 and not any(address in network for network in REFUSED_V6)
