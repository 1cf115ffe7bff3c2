"""How long and how much: no server keeps a worker longer, or fills it fuller, than the policy says."""

import gzip
import socket
import ssl
import time
import zlib
from pathlib import Path

import pytest

from common.http import (
    ConnectFailedError,
    ConnectionLostError,
    DeadlineExceededError,
    NotSentError,
    ReadTimeoutError,
    ResponseTooLargeError,
)

from .certificates import self_signed
from .local import local_client, names
from .raw_server import RawServer, ok, says

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"


def drip(server: RawServer, connection: socket.socket, first: bytes, drop: bytes) -> None:
    connection.sendall(first)
    while server.until_stopped(0.02):
        connection.sendall(drop)


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (HEAD, b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"0"),
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "chunks", "chunk size", "header", "continue"],
)
def test_a_dripping_answer_ends_at_the_deadline(first: bytes, drop: bytes) -> None:
    with RawServer(lambda c: drip(server, c, first, drop)) as server, pytest.raises(DeadlineExceededError):
        local_client(total_seconds=0.4, read_seconds=30).request("GET", server.url)


def test_a_dripping_answer_ends_at_the_deadline_under_tls_too(tmp_path: Path) -> None:
    server_tls, client_tls = self_signed(tmp_path)
    with (
        RawServer(lambda c: drip(server, c, HEAD, b"x"), tls=server_tls) as server,
        pytest.raises(DeadlineExceededError),
    ):
        local_client(tls=client_tls, total_seconds=1, read_seconds=30).request("GET", server.url)


def test_silence_is_a_read_timeout() -> None:
    with RawServer(lambda c: drip(server, c, b"", b"")) as server, pytest.raises(ReadTimeoutError):
        local_client(read_seconds=0.1).request("GET", server.url)


def test_a_reader_may_change_its_patience_between_pieces() -> None:
    with (
        RawServer(lambda c: drip(server, c, HEAD + b"abc", b"")) as server,
        local_client(read_seconds=30).stream("GET", server.url) as stream,
    ):
        pieces = stream.iter_bytes()
        assert next(pieces) == b"abc"
        stream.read_seconds = 0.1
        with pytest.raises(ReadTimeoutError):
            next(pieces)


def test_a_request_that_nobody_reads_ends_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        with pytest.raises(DeadlineExceededError):
            local_client(total_seconds=0.3).request("POST", url, data=b"x" * 50_000_000)


def test_an_endless_body_is_cut_off() -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(b"x" * 65536)

    with RawServer(endless) as server, pytest.raises(ResponseTooLargeError):
        local_client(max_bytes=1_000_000).request("GET", server.url)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_body_of_a_redirect_is_read_by_nobody_but_the_caller(method: str) -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: %s\r\n\r\n" % end.url.encode())
        while True:
            connection.sendall(b"x" * 65536)

    with RawServer(says(ok(b"end"))) as end, RawServer(endless) as start:
        client = local_client(max_bytes=1_000_000)
        with client.stream(method, start.url) as stream:
            if method == "GET":
                assert stream.read().content == b"end"
            else:
                assert stream.status == 302
                with pytest.raises(ResponseTooLargeError):
                    stream.read()


def test_endless_headers_are_cut_off() -> None:
    def endless(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: yes\r\n")

    with RawServer(endless) as server, pytest.raises(ConnectionLostError):
        local_client().request("GET", server.url)


@pytest.mark.parametrize("layers", [1, 2])
def test_a_compressed_bomb_is_cut_off_by_its_real_size(layers: int) -> None:
    bomb = b"0" * 200_000_000
    for _ in range(layers):
        bomb = gzip.compress(bomb, 9)
    encoding = ", ".join(["gzip"] * layers)
    with (
        RawServer(says(ok(bomb, f"Content-Encoding: {encoding}"))) as server,
        local_client(max_bytes=1_000_000).stream("GET", server.url) as stream,
    ):
        sizes: list[int] = []
        with pytest.raises(ResponseTooLargeError):
            sizes.extend(len(piece) for piece in stream.iter_bytes())
        assert max(sizes) <= 65536


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(b"text" * 9, mtime=0)), ("deflate", zlib.compress(b"text" * 9))],
)
def test_a_compressed_body_is_read(encoding: str, body: bytes) -> None:
    with RawServer(says(ok(body, f"Content-Encoding: {encoding}"))) as server:
        assert local_client().request("GET", server.url).content == b"text" * 9


def test_an_honest_body_of_exactly_the_limit_is_read() -> None:
    with RawServer(says(ok(b"x" * 1000))) as server:
        assert len(local_client(max_bytes=1000).request("GET", server.url).content) == 1000


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\nabcd",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
)
def test_an_answer_that_breaks_off_is_a_lost_connection(answer: bytes) -> None:
    with RawServer(says(answer)) as server, pytest.raises(ConnectionLostError):
        local_client().request("POST", server.url, json={})


def test_an_early_refusal_of_a_large_body_is_still_an_answer() -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    with RawServer(says(refusal), reads_body=False) as server:
        assert local_client().request("POST", server.url, data=b"x" * 20_000_000).status == 413


def test_a_closed_port_is_no_connection() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(ConnectFailedError):
            local_client().request("GET", f"http://127.0.0.1:{unused.getsockname()[1]}")


def test_dns_that_never_answers_is_no_connection() -> None:
    def asleep(host: str, port: int) -> list[str]:
        time.sleep(5)
        return ["127.0.0.1"]

    with pytest.raises(ConnectFailedError):
        local_client(resolver=asleep, connect_seconds=0.1).request("GET", "http://slow.example/")


def test_a_handshake_that_never_ends_is_no_connection(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ConnectFailedError):
            local_client(connect_seconds=0.2).request("GET", url)


def test_the_next_address_is_tried_when_the_first_is_dead() -> None:
    with RawServer(says(ok(b"second"))) as server:
        client = local_client(resolver=names({"two.example": ["::ffff:127.0.0.1", "127.0.0.1"]}))
        assert client.request("GET", f"http://two.example:{server.port}").content == b"second"


@pytest.mark.parametrize("trusted", [False, True])
def test_a_certificate_is_always_verified(tmp_path: Path, trusted: bool) -> None:
    server_tls, client_tls = self_signed(tmp_path, "good.example")
    dns = names({"good.example": ["127.0.0.1"], "evil.example": ["127.0.0.1"]})
    with RawServer(says(ok(b"secret")), tls=server_tls) as server:
        if trusted:
            client = local_client(resolver=dns, tls=client_tls)
            assert client.request("GET", f"https://good.example:{server.port}").content == b"secret"
            refused = f"https://evil.example:{server.port}"
        else:
            client = local_client(resolver=dns)
            refused = f"https://good.example:{server.port}"
        with pytest.raises(NotSentError, match="certificate"):
            client.request("GET", refused)


def test_a_context_that_does_not_verify_is_not_taken() -> None:
    lax = ssl.create_default_context()
    lax.check_hostname = False
    with pytest.raises(ValueError, match="verified"):
        local_client(tls=lax)
