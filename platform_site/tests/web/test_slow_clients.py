"""Clients that are slow, or that hold what they have opened: web goes on for all others, and ends them."""

from __future__ import annotations

import select
import socket
import time

import pytest

from platform_site.tests.web.conftest import Starter, heard
from testing.patience import eventually

MANY = 200
HEADERS = ["GET /admin/ HTTP/1.1", "Host: localhost", "X-Slow: "]
BODY = ["POST /api/hooks/x HTTP/1.1", "Host: localhost", "Content-Length: 100000", "", ""]
ENDS_SOON = {"WEB_HEADER_SECONDS": "1", "WEB_BODY_SECONDS": "1"}


def drip(socks: list[socket.socket]) -> list[socket.socket]:
    """A byte for each; those that still take one."""
    return [sock for sock in socks if takes_a_byte(sock)]


def takes_a_byte(sock: socket.socket) -> bool:
    try:
        sock.sendall(b"x")
    except OSError:
        return False
    return True


@pytest.mark.parametrize("beginning", [HEADERS, BODY, [""]], ids=["headers", "body", "nothing"])
def test_others_are_served_while_hundreds_drip(web: Starter, beginning: list[str]) -> None:
    here = web()
    slow = [here.begin(*beginning) for _ in range(MANY)]
    for _ in range(3):
        assert here.is_healthy()
        assert here.ask("GET", "/api/scheduled-tasks", Authorization="Bearer wrong") == 401
        assert here.ask("POST", "/api/hooks/x", b"{}", Content_Type="application/json") == 404
        if beginning != [""]:
            assert drip(slow) == slow


@pytest.mark.parametrize("beginning", [HEADERS, BODY], ids=["headers", "body"])
def test_a_slow_client_is_told_and_ended_however_it_drips(web: Starter, beginning: list[str]) -> None:
    here = web(**ENDS_SOON)
    slow = [here.begin(*beginning) for _ in range(20)]
    dripping = slow
    while dripping := drip(dripping):
        time.sleep(0.1)
    assert here.is_healthy()
    answers = [heard(sock) for sock in slow]
    assert all(answer == b"" or answer.startswith(b"HTTP/1.1 408 ") for answer in answers)


def test_a_slow_client_that_listens_hears_408(web: Starter) -> None:
    sock = web(**ENDS_SOON).begin(*HEADERS)
    assert heard(sock).startswith(b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n")


def test_a_client_that_says_nothing_is_ended(web: Starter) -> None:
    assert heard(web(**ENDS_SOON).connect()) == b""


def test_with_too_many_connections_the_slowest_goes_and_the_newest_is_served(web: Starter) -> None:
    here = web(WEB_CONNECTIONS="50")
    slow = [here.begin(*HEADERS) for _ in range(60)]
    assert here.is_healthy()
    assert heard(slow[0]) == b""
    assert takes_a_byte(slow[-1])


def test_bodies_that_are_not_finished_hold_no_more_than_their_share_of_memory(web: Starter) -> None:
    """40 times 3 MiB would be 120; 64 are held."""
    here = web()
    part = [*BODY[:2], "Content-Length: 4000000", "", "x" * (3 << 20)]
    slow = [here.begin(*part) for _ in range(40)]
    eventually(lambda: len(answers := select.select(slow, [], [], 0)[0]) >= 18 and answers[0] is slow[0])
    assert heard(slow[0]).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert here.ask("POST", "/api/hooks/x", b"x" * (3 << 20)) == 404


def test_who_does_not_read_its_answer_holds_nobody_up(web: Starter) -> None:
    """It asks again and again, and again before it has read; the last time not to the end."""
    here = web()
    page = "GET /static/platform/admin.css HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for _ in range(MANY):
        here.begin(20 * page + "GET /")
    assert here.is_healthy()
