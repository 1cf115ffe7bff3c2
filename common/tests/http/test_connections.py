"""Plain connections behind the guard: what is judged, when, and in which words it is refused."""

from __future__ import annotations

import errno
import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from common.http import CancelSwitch, Connections, Policy
from common.http.call import MAX_LOOKUPS
from common.networks import parse
from testing.ports import free_port

from .local import LOCAL, names
from .raw_server import RawServer, says
from .test_addresses import PRIVATE

ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def connections(switch: CancelSwitch | None = None, **options: object) -> Connections:
    resolver = options.pop("resolver", names({}))
    policy = Policy(**{"allowed_networks": LOCAL, "connect_seconds": 30, **options})  # type: ignore[arg-type]
    return Connections(policy, switch or CancelSwitch(), lambda: 60, resolver=resolver)  # type: ignore[arg-type]


def port_of(listener: socket.socket) -> int:
    port: int = listener.getsockname()[1]
    return port


def test_a_connection_is_an_ordinary_blocking_socket(listener: socket.socket) -> None:
    with connections().dial("127.0.0.1", port_of(listener), 20) as dialled:
        assert type(dialled) is socket.socket
        assert dialled.gettimeout() is None
        accepted, _ = listener.accept()
        with accepted:
            accepted.sendall(b"x")
            assert dialled.recv(1) == b"x"


@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address_is_dialled_in_any_dress(address: str) -> None:
    with pytest.raises(PermissionError, match="OUTBOUND_ALLOWED_NETWORKS") as refused:
        connections(allowed_networks=()).dial(str(ip_address(address)), 443, 20)
    assert refused.value.errno == errno.EACCES


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1"])
def test_an_address_in_disguise_is_refused(host: str) -> None:
    with pytest.raises(PermissionError, match="disguised"):
        connections().dial(host, 443, 20)


@pytest.mark.parametrize("host", ["", "a b", "a/b", "user@host", "a\0b", "%31", "[::1]", "a" * 64, "\udcff"])
def test_what_is_no_name_is_not_found(host: str) -> None:
    with pytest.raises(socket.gaierror):
        connections().resolve(host, 20)


def test_a_name_that_changes_is_judged_again_when_it_is_dialled(listener: socket.socket) -> None:
    """The answer that a script was given and the one that its connection is made by are not the same."""
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    changing = connections(allowed_networks=(), resolver=lambda host, port: next(answers))
    assert changing.resolve("changing.test", 20) == ["8.8.8.8"]
    with pytest.raises(PermissionError, match=r"leads to 127.0.0.1"):
        changing.dial("changing.test", port_of(listener), 20)


def test_a_name_with_one_private_address_is_refused_as_a_whole() -> None:
    mixed = connections(allowed_networks=(), resolver=names({"mixed.test": ["8.8.8.8", "10.0.0.1"]}))
    with pytest.raises(PermissionError, match=r"mixed.test leads to 10.0.0.1"):
        mixed.resolve("mixed.test", 20)


def test_a_name_of_thousands_of_addresses_is_remembered_by_a_few() -> None:
    many = [str(ip_address("8.0.0.0") + number) for number in range(4000)]
    found = connections(resolver=names({"many.test": many})).resolve("many.test", 20)
    assert found == many[:32]


def test_the_last_of_thousands_of_addresses_is_judged_too() -> None:
    many = [*(str(ip_address("8.0.0.0") + number) for number in range(4000)), "10.0.0.1"]
    with pytest.raises(PermissionError, match=r"many.test leads to 10.0.0.1"):
        connections(allowed_networks=(), resolver=names({"many.test": many})).resolve("many.test", 20)


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_only_open_ports_of_public_addresses_are_dialled(address: str) -> None:
    with pytest.raises(PermissionError, match=r"port 25 of .*SCRIPT_PORTS"):
        connections(public_ports={80, 443}).dial(address, 25, 20)


def test_an_allowed_network_without_ports_opens_all_of_them(listener: socket.socket) -> None:
    connections(public_ports={443}).dial("127.0.0.1", port_of(listener), 20).close()


def test_an_address_that_is_refused_is_named_once() -> None:
    refused = r"\] 10\.0\.0\.1 is not a public address; .*\(OUTBOUND_ALLOWED_NETWORKS\)"
    with pytest.raises(PermissionError, match=refused):
        connections(allowed_networks=()).dial("10.0.0.1", 80, 20)


def test_an_allowed_network_with_ports_opens_only_these(listener: socket.socket) -> None:
    port = port_of(listener)
    connections(allowed_networks=parse([f"127.0.0.0/8:{port}"])).dial("127.0.0.1", port, 20).close()
    with pytest.raises(PermissionError, match=r"port 1 of .*OUTBOUND_ALLOWED_NETWORKS"):
        connections(allowed_networks=parse([f"127.0.0.0/8:{port}"])).dial("127.0.0.1", 1, 20)


def test_the_ports_of_a_network_hold_in_every_dress(listener: socket.socket) -> None:
    allowed = parse([f"127.0.0.0/8:{port_of(listener)}"])
    with pytest.raises(PermissionError):
        connections(allowed_networks=allowed).dial("::ffff:127.0.0.1", 1, 20)


def test_a_refused_connection_is_what_a_socket_would_raise() -> None:
    with pytest.raises(ConnectionRefusedError):
        connections().dial("127.0.0.1", free_port(), 20)


def test_a_name_that_does_not_exist_is_what_the_resolver_would_raise() -> None:
    with pytest.raises(socket.gaierror) as unknown:
        connections().resolve("nobody.test", 20)
    assert unknown.value.errno == socket.EAI_NONAME


def test_the_switch_ends_the_waits_of_every_thread() -> None:
    switch, asked, never = CancelSwitch(), threading.Semaphore(0), threading.Event()

    def asleep(host: str, port: int) -> list[str]:
        asked.release()
        never.wait(60)
        return []

    waiting = connections(switch, resolver=asleep)
    ended: list[int | None] = []

    def resolve() -> None:
        try:
            waiting.resolve("slow.test", 60)
        except OSError as error:
            ended.append(error.errno)

    threads = [threading.Thread(target=resolve) for _ in range(8)]
    for thread in threads:
        thread.start()
    for _ in threads:
        asked.acquire()
    switch.cancel()
    for thread in threads:
        thread.join()
    never.set()
    assert ended == [errno.ECANCELED] * 8


def test_names_that_nobody_waits_for_any_more_take_few_threads() -> None:
    answered = threading.Event()

    def slow(host: str, port: int) -> list[str]:
        assert answered.wait(60)
        return ["127.0.0.1"]

    def looking() -> list[threading.Thread]:
        return [thread for thread in threading.enumerate() if thread not in before]

    before = threading.enumerate()
    impatient = connections(resolver=slow)
    for _ in range(MAX_LOOKUPS):
        with pytest.raises(OSError, match="DNS did not answer in time"):
            impatient.dial("slow.test", 443, 0.001)
    with pytest.raises(OSError, match="too many names are being looked up"):
        impatient.dial("slow.test", 443, 0.001)
    assert len(looking()) == MAX_LOOKUPS
    answered.set()
    for thread in looking():
        thread.join()
    assert impatient.resolve("slow.test", 60) == ["127.0.0.1"]


def test_a_proxy_tunnels_to_the_name_that_an_address_was_found_for() -> None:
    with RawServer(says(ESTABLISHED + b"inside")) as proxy:
        tunnelled = connections(
            resolver=names({"public.test": ["8.8.8.8"]}),
            proxy_url=f"http://127.0.0.1:{proxy.port}",
            proxy_is_trusted=True,
        )
        (address,) = tunnelled.resolve("public.test", 20)
        with tunnelled.dial(address, 443, 20) as dialled:
            assert dialled.recv(6) == b"inside"
    assert proxy.requests[0].startswith(b"CONNECT public.test:443 HTTP/1.1\r\n")


def test_a_name_that_only_the_proxy_knows_gets_an_address_that_stands_for_it() -> None:
    with RawServer(says(ESTABLISHED)) as proxy:
        tunnelled = connections(proxy_url=f"http://127.0.0.1:{proxy.port}", proxy_is_trusted=True)
        found = [tunnelled.resolve(name, 20)[0] for name in ("one.test", "two.test")]
        assert found == ["240.0.0.1", "240.0.0.2"]
        tunnelled.dial(found[1], 443, 20).close()
    assert proxy.requests[0].startswith(b"CONNECT two.test:443 HTTP/1.1\r\n")


def test_no_proxy_is_asked_for_a_private_address() -> None:
    with RawServer(says(ESTABLISHED)) as proxy:
        tunnelled = connections(proxy_url=f"http://127.0.0.1:{proxy.port}", proxy_is_trusted=True)
        for address in ("10.0.0.1", "240.0.0.9"):
            with pytest.raises(PermissionError):
                tunnelled.dial(address, 443, 20)
    assert proxy.requests == []


def test_a_proxy_opens_no_port_of_a_name_that_only_it_knows() -> None:
    with RawServer(says(ESTABLISHED)) as proxy:
        tunnelled = connections(
            public_ports={443}, proxy_url=f"http://127.0.0.1:{proxy.port}", proxy_is_trusted=True
        )
        with pytest.raises(PermissionError, match=r"port 25 of .*SCRIPT_PORTS"):
            tunnelled.dial("one.test", 25, 20)
    assert proxy.requests == []
