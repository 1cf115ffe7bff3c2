"""By a proxy: whose address, and whose target's, are looked at all the same."""

import socket
from base64 import b64encode
from ipaddress import ip_network
from pathlib import Path

import pytest

from common.http import AddressRefusedError, Client, ConnectFailedError, Policy

from .certificates import self_signed
from .local import local_client, local_policy, names
from .raw_server import RawServer, ok, read_request, says


def test_plain_http_asks_the_proxy_for_the_whole_url() -> None:
    with RawServer(says(ok(b"by proxy"))) as proxy:
        client = local_client(proxy_url=f"http://me:p%40ss@127.0.0.1:{proxy.port}")
        assert client.request("GET", "http://elsewhere.example/x?y=1").content == b"by proxy"
    head = proxy.requests[0].lower()
    assert head.startswith(b"get http://elsewhere.example/x?y=1 http/1.1\r\n")
    assert b"proxy-authorization: basic " + b64encode(b"me:p@ss").lower() in head


def test_https_goes_through_a_tunnel_that_the_proxy_can_not_read(tmp_path: Path) -> None:
    server_tls, client_tls = self_signed(tmp_path, "elsewhere.example")
    inside = []

    def tunnel(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\nVia: me\r\n\r\n")
        with server_tls.wrap_socket(connection, server_side=True) as secure:
            inside.append(read_request(secure))
            secure.sendall(ok(b"by tunnel"))

    with RawServer(tunnel) as proxy:
        client = local_client(tls=client_tls, proxy_url=f"http://me:pass@127.0.0.1:{proxy.port}")
        assert client.request("GET", "https://elsewhere.example/x").content == b"by tunnel"
    assert proxy.requests[0].startswith(b"CONNECT elsewhere.example:443 HTTP/1.1\r\n")
    assert inside[0].startswith(b"GET /x HTTP/1.1\r\n")
    assert b"authorization" not in inside[0].lower()


@pytest.mark.parametrize(
    "refusal", [b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", b"", b"x" * 20_000, b"\r\n\r\n"]
)
def test_a_proxy_that_refuses_is_no_connection(refusal: bytes) -> None:
    with RawServer(says(refusal)) as proxy:
        client = local_client(proxy_url=f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(ConnectFailedError):
            client.request("GET", "https://elsewhere.example/")


def test_a_silent_proxy_is_no_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = local_client(proxy_url=f"http://127.0.0.1:{silent.getsockname()[1]}", connect_seconds=0.2)
        with pytest.raises(ConnectFailedError):
            client.request("GET", "https://elsewhere.example/")


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "https://inside.example/", "http://0x7f.1/"])
def test_a_private_target_is_refused_before_the_proxy_is_asked(url: str) -> None:
    with RawServer(says(ok(b""))) as proxy:
        dns = names({"inside.example": ["10.0.0.1"]})
        client = local_client(resolver=dns, proxy_url=f"http://127.0.0.1:{proxy.port}")
        with pytest.raises(AddressRefusedError):
            client.request("GET", url)
    assert proxy.requests == []


def test_a_tenants_proxy_may_not_be_private() -> None:
    with pytest.raises(AddressRefusedError):
        Client(Policy(proxy_url="http://127.0.0.1:6379")).request("GET", "http://1.1.1.1/")


def test_an_operators_proxy_may_be_private_and_opens_nothing_else() -> None:
    with RawServer(says(ok(b"ok"))) as proxy:
        policy = local_policy(
            allowed_networks=(ip_network("10.0.0.0/30"),),
            proxy_url=f"http://127.0.0.1:{proxy.port}",
            proxy_is_trusted=True,
        )
        client = Client(policy, resolver=names({}))
        assert client.request("GET", "http://elsewhere.example/").content == b"ok"
        with pytest.raises(AddressRefusedError):
            client.request("GET", "http://127.0.0.1/")
