"""What the web process makes of requests, whole or not, and of its own end."""

from __future__ import annotations

import re
import signal
import socket
from pathlib import Path

import pytest
from django.contrib.auth.models import User

from platform_site.tests.web.conftest import Starter, heard
from scheduling.lifecycle import trials
from tenants import tokens
from tenants.access import SYSTEM

OVER = b"x" * (5 << 20)
JSON = "application/json"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/api/hooks/x", 404), ("/api/scheduled-tasks", 401), ("/api/scheduled-tasks/test-script", 401)],
)
def test_a_token_is_looked_at_before_the_body(web: Starter, path: str, status: int) -> None:
    """However large or deep the body is, and whether or not all of it comes."""
    here = web(WRONG_TOKENS_PER_MINUTE="1000")
    wrong = {"Authorization": "Bearer wrong", "Content_Type": JSON}
    for body in (b"{", b"[" * 1_000_000, OVER):
        assert here.ask("POST", path, body, **wrong) == status
    declared = here.begin(
        f"POST {path} HTTP/1.1",
        "Host: localhost",
        "Authorization: Bearer wrong",
        "Content-Length: 9999999",
        "",
        "",
    )
    assert heard(declared).startswith(f"HTTP/1.1 {status} ".encode())


def test_a_body_over_the_limit_is_413_and_the_client_hears_it(web: Starter) -> None:
    """It sends all of it before it listens."""
    here = web()
    token = tokens.issue(User.objects.create_superuser("root"), "web", SYSTEM)[1]
    whole = {"Authorization": f"Bearer {token}", "Content_Type": JSON}
    assert here.ask("POST", "/api/scheduled-tasks", OVER, **whole) == 413
    assert here.ask("POST", "/api/scheduled-tasks", OVER * 4, **whole) == 413
    form = {
        "Content_Type": "application/x-www-form-urlencoded",
        "Cookie": f"platform_csrf_{here.port}=" + "a" * 32,
    }
    assert here.ask("POST", "/admin/login/", OVER, **form) == 413
    parts = form | {"Content_Type": "multipart/form-data; boundary=x"}
    assert here.ask("POST", "/admin/login/", OVER, **parts) == 413


def test_a_chunked_body_has_the_same_limit(web: Starter) -> None:
    here = web()
    token = tokens.issue(User.objects.create_superuser("root"), "web", SYSTEM)[1]
    sock = here.begin(
        "POST /api/scheduled-tasks HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {token}",
        "Transfer-Encoding: chunked",
        "",
        f"{len(OVER):x}",
        "",
    )
    sock.sendall(OVER + b"\r\n0\r\n\r\n")
    assert heard(sock).startswith(b"HTTP/1.1 413 ")


def test_what_follows_a_body_over_the_limit_is_no_request(web: Starter) -> None:
    inner = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    sock = web().begin("POST /api/x HTTP/1.1", "Host: localhost", "Content-Length: 9999999", "", inner)
    assert heard(sock).count(b"HTTP/1.1") == 1


def test_headers_over_32_kib_are_refused(web: Starter) -> None:
    sock = web().begin("GET /healthz HTTP/1.1", "Host: localhost", "X-Long: " + "x" * (33 << 10), "", "")
    assert heard(sock).startswith(b"HTTP/1.0 431 ")


def test_it_listens_on_both_families_where_it_is_told_to_listen_everywhere(web: Starter) -> None:
    here = web(PLATFORM_HOST="::")
    assert here.is_healthy()
    if socket.has_dualstack_ipv6():
        sock = here.connect("::1")
        sock.sendall(b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n")
        assert heard(sock).startswith(b"HTTP/1.0 200 ")


def test_when_asked_to_end_it_answers_what_it_has_begun(web: Starter) -> None:
    here = web()
    token = tokens.issue(User.objects.create_superuser("root"), "web", SYSTEM)[1]
    trial_id = trials.ask(trials.TrialRequest("", "", {}, 1, None), SYSTEM)
    sock = here.begin(
        f"GET /api/scheduled-tasks/test-script/{trial_id}/lines?wait=5 HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {token}",
        "",
        "",
    )
    assert here.is_healthy()  # the long poll has been taken before
    here.process.send_signal(signal.SIGTERM)
    assert heard(sock).startswith(b"HTTP/1.1 200 ")
    assert here.process.wait(60) == 0
    assert not here.is_healthy()


@pytest.mark.parametrize(("chosen", "lines"), [({}, 0), ({"WEB_ACCESS_LOG": "true"}, 1)])
def test_requests_leave_lines_only_where_they_are_asked_for(
    web: Starter, chosen: dict[str, str], lines: int
) -> None:
    here = web(**chosen)
    assert here.ask("GET", "/api/hooks/hook_" + "a" * 43) == 405
    assert here.is_healthy()
    here.process.send_signal(signal.SIGTERM)
    here.process.wait(60)
    logged = here.log.read_text()
    found = re.findall(r"INFO platform_site.access 127.0.0.1 GET (/api\S+) 405", logged)
    assert len(found) == lines == logged.count("platform_site.access"), "a health check leaves none"
    assert "aaaaa" not in "".join(found)


def test_its_address_space_has_a_limit(web: Starter) -> None:
    here = web(WEB_MEMORY_MB="1024")
    limits = Path(f"/proc/{here.process.pid}/limits").read_text()
    (soft,) = re.findall(r"^Max address space +(\d+) ", limits, re.MULTILINE)
    assert int(soft) == (1024 + 16 * 8) << 20
