"""Where a request may go, whatever the URL, DNS or a redirect says."""

import http.cookiejar
import itertools
import socket
from ipaddress import ip_network
from queue import SimpleQueue
from urllib.parse import quote

import pytest

from common.http import (
    AddressRefusedError,
    Client,
    ConnectFailedError,
    InvalidUrlError,
    Policy,
    TooManyRedirectsError,
)

from .local import local_client, names
from .raw_server import RawServer, ok, redirect, says


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.100.100.200/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://0x7f.0.0.1/",
        "http://127.1/",
        "https://192.168.0.1/",
        "http://224.0.0.1/",
    ],
)
def test_an_address_that_is_not_public_is_refused(url: str) -> None:
    with pytest.raises(AddressRefusedError):
        Client(Policy()).request("GET", url)


def test_a_name_is_refused_when_it_leads_to_a_private_address() -> None:
    client = Client(Policy(), resolver=names({"inside.example": ["10.0.0.7"]}))
    with pytest.raises(AddressRefusedError, match=r"inside\.example leads to 10\.0\.0\.7"):
        client.request("GET", "http://inside.example/")


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    with RawServer(says(ok(b""))) as server:
        client = local_client(resolver=names({"mixed.example": ["127.0.0.1", "127.0.0.2"]}))
        with pytest.raises(AddressRefusedError):
            client.request("GET", f"http://mixed.example:{server.port}/")
    assert server.requests == []


def test_the_system_resolver_is_judged_too(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", 80, 0, 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: answer)
    with pytest.raises(AddressRefusedError):
        Client(Policy()).request("GET", "http://rebound.example/")


def test_dns_that_changes_after_the_check_changes_nothing() -> None:
    answers = itertools.chain([["127.0.0.1"]], itertools.repeat(["127.0.0.2"]))
    asked = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    with RawServer(says(ok(b"fine"))) as server:
        client = local_client(resolver=rebinding)
        assert client.request("GET", f"http://rebinding.example:{server.port}/").content == b"fine"
    assert asked == ["rebinding.example"]
    assert f"host: rebinding.example:{server.port}\r\n".encode() in server.requests[0].lower()


def test_an_allowed_network_is_reachable() -> None:
    with RawServer(says(ok(b"in"))) as server:
        client = Client(Policy(allowed_networks=(ip_network("127.0.0.0/8"),)))
        assert client.request("GET", server.url).content == b"in"


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.2:{port}/", "http://inside.example:{port}/", "//[::1]:{port}/", "http://2130706434/"],
)
def test_a_redirect_to_a_private_address_is_refused(location: str) -> None:
    with RawServer(lambda c: c.sendall(redirect(location.format(port=server.port)))) as server:
        client = local_client(resolver=names({"inside.example": ["127.0.0.2"]}))
        with pytest.raises(AddressRefusedError):
            client.request("GET", server.url)
    assert len(server.requests) == 1


@pytest.mark.parametrize("location", ["file:///etc/passwd", "gopher://127.0.0.1/", "http://u:p@127.0.0.1/"])
def test_a_redirect_out_of_http_is_refused(location: str) -> None:
    with RawServer(says(redirect(location))) as server, pytest.raises(InvalidUrlError):
        local_client().request("GET", server.url)


def test_a_redirect_is_followed_by_get_and_not_by_post() -> None:
    with RawServer(says(ok(b"end"))) as end, RawServer(says(redirect(f"{end.url}/there"))) as start:
        client = local_client()
        answer = client.request("GET", start.url)
        assert (answer.content, answer.url) == (b"end", f"{end.url}/there")
        assert client.request("POST", start.url, json={}).status == 302
    assert len(end.requests) == 1


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_a_redirect_to_a_name_in_chinese_is_followed_byte_by_byte(encoding: str) -> None:
    name = "日报".encode(encoding)
    first = b"HTTP/1.1 302 Found\r\nLocation: /%b\r\nContent-Length: 0\r\n\r\n" % name
    answers = iter([first, ok(b"end")])
    with RawServer(lambda c: c.sendall(next(answers))) as server:
        assert local_client().request("GET", server.url).content == b"end"
    assert server.requests[1].startswith(f"GET /{quote(name)} HTTP/1.1\r\n".encode())


def test_redirects_that_never_end_are_given_up() -> None:
    with RawServer(says(redirect("/again"))) as server, pytest.raises(TooManyRedirectsError):
        local_client(max_redirects=3).request("GET", server.url)
    assert len(server.requests) == 4


def test_another_origin_gets_none_of_the_headers_meant_for_the_first() -> None:
    with RawServer(says(ok(b""))) as other, RawServer(says(redirect(other.url))) as first:
        local_client().request(
            "GET",
            first.url,
            headers={"Authorization": "Bearer t0ken", "X-Api-Key": "k3y", "Accept": "text/csv"},
        )
    assert b"t0ken" in first.requests[0]
    assert b"t0ken" not in other.requests[0]
    assert b"k3y" not in other.requests[0]
    assert b"accept: text/csv\r\n" in other.requests[0]


@pytest.mark.parametrize("status", [302, 307, 308])
def test_another_origin_gets_no_body(status: int) -> None:
    with RawServer(says(ok(b""))) as other, RawServer(says(redirect(other.url, status))) as first:
        local_client().request("GET", first.url, json={"key": "k3y"})
    assert first.requests[0].endswith(b'{"key":"k3y"}')
    assert b"k3y" not in other.requests[0]
    assert b"content-" not in other.requests[0].lower()


@pytest.mark.parametrize(
    ("status", "again"), [(301, False), (302, False), (303, False), (307, True), (308, True)]
)
def test_the_same_origin_gets_the_body_again_where_the_status_says_so(status: int, again: bool) -> None:
    with RawServer(says(redirect("/two", status))) as server, pytest.raises(TooManyRedirectsError):
        local_client(max_redirects=1).request("GET", server.url, json={"key": "k3y"})
    first, second = server.requests
    assert first.endswith(b'{"key":"k3y"}')
    assert second.endswith(b'{"key":"k3y"}') == again
    assert (b"content-" in second.lower()) == again


def test_no_cookie_is_kept_or_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(http.cookiejar.CookieJar, "make_cookies")
    cookie = b"\r\nSet-Cookie: a=b; Path=/\r\n\r\n"
    with RawServer(says(redirect("/two").replace(b"\r\n\r\n", cookie))) as server:
        client = local_client(max_redirects=1)
        for _ in range(2):
            with pytest.raises(TooManyRedirectsError):
                client.request("GET", server.url)
    assert len(server.requests) == 4
    assert not any(b"cookie" in request.lower() for request in server.requests)


@pytest.mark.parametrize("reads", [True, False])
def test_a_connection_ends_with_its_request(reads: bool) -> None:
    ends: SimpleQueue[bytes] = SimpleQueue()

    def talk(connection: socket.socket) -> None:
        connection.sendall(ok(b"body", "Connection: keep-alive"))
        ends.put(connection.recv(1))

    with RawServer(talk) as server:
        client = local_client()
        for _ in range(2):
            with client.stream("GET", server.url) as stream:
                if reads:
                    stream.read()
            assert ends.get(timeout=10) == b""
    assert len(server.requests) == 2


def test_a_redirect_ends_the_connection_that_it_came_by() -> None:
    ends: SimpleQueue[bytes] = SimpleQueue()

    def talk(connection: socket.socket) -> None:
        connection.sendall(redirect(end.url))
        ends.put(connection.recv(1))

    with RawServer(says(ok(b""))) as end, RawServer(talk) as start, local_client().stream("GET", start.url):
        assert ends.get(timeout=10) == b""


def test_the_same_origin_keeps_them() -> None:
    with RawServer(says(redirect("/two"))) as server, pytest.raises(TooManyRedirectsError):
        local_client(max_redirects=1).request("GET", server.url, headers={"Authorization": "Bearer t0ken"})
    assert [b"t0ken" in request for request in server.requests] == [True, True]


def test_a_name_that_does_not_exist_is_no_connection() -> None:
    with pytest.raises(ConnectFailedError):
        local_client().request("GET", "http://nowhere.example/")


def test_the_environment_and_netrc_have_no_say(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    with RawServer(says(ok(b"direct", "Set-Cookie: a=b; Path=/"))) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9/")
        netrc = f"{tmp_path}/netrc"
        with open(netrc, "w") as file:
            file.write("machine 127.0.0.1 login me password s3cret\n")
        monkeypatch.setenv("NETRC", netrc)
        client = local_client()
        assert [client.request("GET", server.url).content for _ in range(2)] == [b"direct"] * 2
    assert not any(b"authorization" in request.lower() for request in server.requests)
    assert not any(b"cookie" in request.lower() for request in server.requests)
