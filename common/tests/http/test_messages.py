"""What goes over the wire and how an answer is read."""

import socket
import threading
from collections.abc import Iterator

import pytest

from common.http import InvalidBodyError, InvalidHeaderError, UploadFile

from .local import local_client
from .raw_server import RawServer, ok, says


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer(says(ok(b"{}"))) as server:
        yield server


def body_of(request: bytes) -> bytes:
    return request.partition(b"\r\n\r\n")[2]


def test_nothing_but_what_is_needed_goes_out(server: RawServer) -> None:
    local_client().request("GET", f"{server.url}/%7Eme/%41?q=%2e&r")
    host = server.url.removeprefix("http://")
    assert server.requests[0].decode().lower().split("\r\n") == [
        "get /%7eme/%41?q=%2e&r http/1.1",
        f"host: {host}",
        "accept: */*",
        "accept-encoding: gzip",
        "user-agent: task-platform",
        "",
        "",
    ]


def test_json_goes_out_as_compact_utf8(server: RawServer) -> None:
    local_client().request("POST", server.url, json={"text": "日报 ✅", "n": 1})
    assert body_of(server.requests[0]) == '{"text":"日报 ✅","n":1}'.encode()
    assert b"content-type: application/json\r\n" in server.requests[0]


def test_a_form_and_raw_data_go_out_as_they_are(server: RawServer) -> None:
    client = local_client()
    client.request("POST", server.url, data={"a": "1 2"})
    client.request("PUT", server.url, data="raw", headers={"Content-Type": "text/csv"})
    assert body_of(server.requests[0]) == b"a=1+2"
    assert body_of(server.requests[1]) == b"raw"
    assert b"content-type: text/csv\r\n" in server.requests[1]


def test_a_file_goes_out_with_its_fields(server: RawServer) -> None:
    file = UploadFile("报告.txt", b"\x00bytes", "text/plain")
    local_client().request("POST", server.url, data={"user": "u1"}, files={"file": file})
    body = body_of(server.requests[0])
    assert b'name="user"\r\n\r\nu1\r\n' in body
    assert 'name="file"; filename="报告.txt"'.encode() in body
    assert b"\x00bytes" in body


def test_a_post_without_a_body_says_so(server: RawServer) -> None:
    local_client().request("POST", server.url)
    assert b"content-length: 0\r\n" in server.requests[0].lower()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-A", "one\r\nX-B: two"),
        ("X-A", "one\n two"),
        ("X-A", "nul\x00"),
        ("X-A\r\nX-B", "one"),
        ("X A", "one"),
        ("", "one"),
        ("X-A", "日"),
        ("Host", "internal.example"),
        ("Transfer-Encoding", "chunked"),
        ("content-length", "3"),
        ("Connection", "keep-alive, Authorization"),
    ],
)
def test_a_header_that_could_smuggle_is_refused(server: RawServer, name: str, value: str) -> None:
    with pytest.raises(InvalidHeaderError):
        local_client().request("GET", server.url, headers={name: value})
    assert server.requests == []


def test_a_method_that_could_smuggle_is_refused(server: RawServer) -> None:
    with pytest.raises(InvalidHeaderError):
        local_client().request("GET / HTTP/1.1\r\nX:", server.url)


@pytest.mark.parametrize("value", [5, None, b"bytes"])
def test_a_header_that_is_no_text_is_refused(server: RawServer, value: object) -> None:
    with pytest.raises(InvalidHeaderError):
        local_client().request("GET", server.url, headers={"X-A": value})  # type: ignore[dict-item]


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"bytes"])
def test_a_body_that_is_no_json_is_not_sent(server: RawServer, value: object) -> None:
    with pytest.raises(InvalidBodyError):
        local_client().request("POST", server.url, json=value)
    with pytest.raises(InvalidBodyError):
        local_client().request("POST", server.url, json={}, data="two bodies")
    assert server.requests == []


def test_text_that_is_no_proper_unicode_is_sent_all_the_same(server: RawServer) -> None:
    lone = "\ud800"
    client = local_client()
    client.request("POST", server.url, json=lone, params={"q": lone})
    client.request("POST", server.url, data={"q": lone})
    client.request("POST", f"{server.url}/{lone}", data=lone)
    assert len(server.requests) == 3


def test_a_header_of_the_caller_replaces_ours(server: RawServer) -> None:
    local_client().request("GET", server.url, headers={"User-Agent": "mine"})
    assert server.requests[0].lower().count(b"user-agent:") == 1


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain", "日报".encode(), "日报"),
        ("text/html; charset=GBK", "日报".encode("gbk"), "日报"),
        ('text/html; Charset="utf-8"', "日报".encode(), "日报"),
        ("text/html; charset=gb2312", "镕".encode("gbk"), "镕"),
        ("text/plain; charset=no-such", "日报".encode(), "日报"),
        ("text/plain; charset=hex", "日报".encode(), "日报"),
        ("text/plain", b"\xff", "\ufffd"),
    ],
)
def test_text_is_decoded_by_its_charset(content_type: str, body: bytes, text: str) -> None:
    with RawServer(says(ok(body, f"Content-Type: {content_type}"))) as server:
        assert local_client().request("GET", server.url).text == text


@pytest.mark.parametrize(
    ("content_type", "encoding"),
    [
        ("application/json", "utf-8"),
        ("application/json; charset=UTF8", "utf-8-sig"),
        ("application/json", "utf-16"),
        ("application/json; charset=GBK", "gbk"),
        ("text/plain; charset=gb2312", "gbk"),
        ("application/json; charset=big5", "big5"),
    ],
)
def test_json_is_decoded_by_its_charset(content_type: str, encoding: str) -> None:
    body = '{"result": "日報"}'.encode(encoding)
    with RawServer(says(ok(body, f"Content-Type: {content_type}"))) as server:
        assert local_client().request("GET", server.url).json() == {"result": "日報"}


def test_json_that_breaks_its_charset_is_a_value_error() -> None:
    with RawServer(says(ok(b'"\xff\xff"', "Content-Type: application/json; charset=gbk"))) as server:
        answer = local_client().request("GET", server.url)
    with pytest.raises(ValueError):  # noqa: PT011
        answer.json()


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 200_000])
def test_what_is_not_json_is_a_value_error(body: bytes) -> None:
    with RawServer(says(ok(body))) as server:
        answer = local_client().request("GET", server.url)
    with pytest.raises(ValueError):  # noqa: PT011
        answer.json()


def test_headers_are_found_in_any_case_and_kept_twice() -> None:
    with RawServer(says(ok(b"", "X-Version: 1.15.0", "Set-Cookie: a=1", "Set-Cookie: b=2"))) as server:
        headers = local_client().request("GET", server.url).headers
    assert headers["x-version"] == "1.15.0"
    assert headers.getlist("set-cookie") == ["a=1", "b=2"]


def test_any_status_is_an_answer() -> None:
    with RawServer(says(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno")) as server:
        answer = local_client().request("GET", server.url)
    assert (answer.status, answer.content, answer.is_success) == (502, b"no", False)


@pytest.mark.parametrize("interim", [b"100 Continue", b"102 Processing", b"103 Early Hints", b"199 Later"])
def test_an_interim_response_is_read_past(interim: bytes) -> None:
    early = b"HTTP/1.1 " + interim + b"\r\nLink: </style.css>; rel=preload\r\n\r\n"
    with RawServer(says(early, early + ok(b"final"))) as server:
        answer = local_client().request("GET", server.url)
    assert (answer.status, answer.content) == (200, b"final")
    assert "Link" not in answer.headers


def test_the_answer_to_a_head_has_no_body() -> None:
    with RawServer(says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")) as server:
        answer = local_client().request("HEAD", server.url)
    assert (answer.headers["content-length"], answer.content) == ("5", b"")


def test_a_broken_header_brings_no_url_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with RawServer(says(b"HTTP/1.1 200 OK\r\nbroken\r\nContent-Length: 0\r\n\r\n")) as server:
        local_client().request("GET", f"{server.url}/?access_token=t0ken")
    assert caplog.text == ""


def test_a_piece_is_handed_on_as_soon_as_it_is_there() -> None:
    go_on = threading.Event()

    def talk(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\nfirst")
        assert go_on.wait(10)
        connection.sendall(b"x" * (0x20000 - 5) + b"\r\n0\r\n\r\n")

    with RawServer(talk) as server, local_client().stream("GET", server.url) as stream:
        pieces = stream.iter_bytes()
        assert next(pieces) == b"first"
        go_on.set()
        assert sum(len(piece) for piece in pieces) == 0x20000 - 5
