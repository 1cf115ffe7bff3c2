"""Reads URLs in one way only. What two parsers could read differently is refused, not guessed."""

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, urlencode, urljoin

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from .addresses import Address
from .errors import AddressRefusedError, InvalidUrlError

DEFAULT_PORTS = {"http": 80, "https": 443}
Params = str | Mapping[str, str | int]

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\xa0\\\u2028\u2029]")
# inet_aton takes 127.1, 0x7f.1, 0177.1 and 2130706433 for addresses; WHATWG's "ends in a number" finds them.
_LABEL = re.compile(r"[0-9a-z_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True)
class Target:
    """The parts of a URL.

    `host` is lower-case ASCII without brackets; `path` holds the query, too; `literal` is the host as an address, None
    if it is a name.
    """

    scheme: str
    host: str
    port: int
    path: str
    literal: Address | None
    userinfo: str | None = field(default=None, repr=False)

    @property
    def authority(self) -> str:
        """The host and port as in the Host header: without a default port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def parse_target(url: str, params: Params | None = None) -> Target:
    """Return the parts of a URL, with `params` added to its query; a text is one already.

    Raises InvalidUrlError; AddressRefusedError for an IPv4 address in disguise.
    """
    target = _parse(url)
    if target.userinfo is not None:
        raise InvalidUrlError("a user name or password in the URL: send an Authorization header instead")
    if not params:
        return target
    joint = "&" if "?" in target.path else "?"
    query = params if isinstance(params, str) else urlencode(params, doseq=True, errors="surrogatepass")
    return _parse(f"{target.url}{joint}{query}")


def parse_proxy(url: str) -> Target:
    target = _parse(url)
    if target.scheme != "http":
        raise InvalidUrlError("write a proxy as http://host:port")
    return target


def follow(target: Target, location: str) -> Target:
    """Return where a redirect leads. Its bytes beyond ASCII, which http.client reads as latin-1, stay what they are."""
    try:
        return parse_target(urljoin(target.url, quote(location, safe=string.printable, encoding="latin-1")))
    except ValueError as error:
        raise InvalidUrlError("the redirect does not lead to a URL") from error


def _parse(url: str) -> Target:
    if _UNSAFE.search(url):
        raise InvalidUrlError("a space, a backslash or a control character in the URL")
    try:
        parts = parse_url(url)
    except LocationParseError as error:
        raise InvalidUrlError("not a URL") from error
    if parts.scheme not in DEFAULT_PORTS or not parts.host:
        raise InvalidUrlError("not an http:// or https:// URL")
    if parts.port == 0:
        raise InvalidUrlError("port 0")
    host = parts.host.strip("[]")
    return Target(
        scheme=parts.scheme,
        host=host,
        port=parts.port or DEFAULT_PORTS[parts.scheme],
        path=parts.request_uri,
        literal=parse_host(host),
        userinfo=parts.auth,
    )


def parse_host(host: str) -> Address | None:
    """Return the address that a host is written as, None for a name. Raises InvalidUrlError and AddressRefusedError."""
    if ":" in host and "%" not in host:
        try:
            return IPv6Address(host)
        except AddressValueError as error:
            raise InvalidUrlError("not an address") from error
    if not all(_LABEL.fullmatch(label) for label in host.removesuffix(".").split(".")):
        raise InvalidUrlError("not a host name")
    if not _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        return None
    try:
        return IPv4Address(host)
    except AddressValueError as error:
        raise AddressRefusedError(f"{host} is a disguised IPv4 address") from error
