"""How the time to connect is shared among a name's addresses."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from common.http import CancelSwitch, dial
from common.http.call import Call, Countdown
from common.http.sockets import TimedSocket
from testing.ports import free_port


class Standstill(Countdown):
    """A countdown on which no time passes."""

    def left(self) -> float:
        return 8.0


def test_each_address_has_an_equal_share_of_the_time_that_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    given = list[float]()
    monkeypatch.setattr(TimedSocket, "settimeout", lambda self, seconds: given.append(seconds))
    nobody_listens = [ip_address("127.0.0.1")] * 4
    with pytest.raises(ConnectionRefusedError):
        dial._connect(nobody_listens, free_port(), Call(8, 8, CancelSwitch()), Standstill(8))
    assert given == [2.0, 8 / 3, 4.0, 8.0]
