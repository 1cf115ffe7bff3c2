import socket
import threading

import pytest

from notifications.senders.connect_guard import guarded_connects


@pytest.mark.parametrize(
    "address", [("127.0.0.1", 1), ("169.254.169.254", 80), ("10.0.0.1", 80), ("localhost", 1)]
)
def test_a_private_address_is_refused_before_the_connect(address: tuple[str, int]) -> None:
    with guarded_connects(()) as guard, socket.socket() as sock, pytest.raises(PermissionError):
        sock.connect(address)
    assert guard.refused == address[0]


def test_a_socket_file_is_refused() -> None:
    with guarded_connects(()), socket.socket(socket.AF_UNIX) as sock, pytest.raises(PermissionError):
        sock.connect("/tmp/some.sock")


def test_other_threads_and_later_connects_are_left_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        connected = []

        def connect() -> None:
            with socket.create_connection(server.getsockname()):
                connected.append(True)

        with guarded_connects(()):
            thread = threading.Thread(target=connect)
            thread.start()
            thread.join()
        connect()
    assert connected == [True, True]


def test_a_datagram_to_a_private_address_is_refused() -> None:
    sock = socket.socket(type=socket.SOCK_DGRAM)
    with guarded_connects(()) as guard, sock, pytest.raises(PermissionError):
        sock.sendto(b"x", ("127.0.0.1", 9))
    assert guard.refused == "127.0.0.1"
