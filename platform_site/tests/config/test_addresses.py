from __future__ import annotations

import pytest

from platform_site.config.addresses import LOOPBACK, allowed_hosts, host_and_port, origin, reachable_host
from platform_site.config.env import Reader


@pytest.mark.parametrize(
    ("environ", "host", "allowed"),
    [
        ({}, "127.0.0.1", [*LOOPBACK, "127.0.0.1", "127.0.0.1"]),
        ({}, "10.1.2.3", [*LOOPBACK, "10.1.2.3", "10.1.2.3"]),
        ({}, "::1", [*LOOPBACK, "[::1]", "[::1]"]),
        ({}, "0.0.0.0", ["*"]),
        ({}, "::", ["*"]),
        (
            {"PUBLIC_BASE_URL": "https://tasks.example:8443/x"},
            "0.0.0.0",
            [*LOOPBACK, "0.0.0.0", "tasks.example"],
        ),
        ({"ALLOWED_HOSTS": "a.example, .b.example"}, "0.0.0.0", [*LOOPBACK, "a.example", ".b.example"]),
    ],
)
def test_it_answers_to_its_own_names(environ: dict[str, str], host: str, allowed: list[str]) -> None:
    base = environ.get("PUBLIC_BASE_URL", f"http://{host_and_port(host, 8000)}")
    assert allowed_hosts(Reader(environ), host, base) == allowed


def test_an_origin_has_no_path() -> None:
    assert origin("https://tasks.example:8443/platform") == "https://tasks.example:8443"


def test_ipv6_is_bracketed_before_a_port() -> None:
    assert (host_and_port("::1", 80), host_and_port("h", 80)) == ("[::1]:80", "h:80")


def test_who_listens_everywhere_is_reached_on_loopback() -> None:
    assert [reachable_host(host) for host in ("0.0.0.0", "::", "10.1.2.3")] == [
        "127.0.0.1",
        "::1",
        "10.1.2.3",
    ]
