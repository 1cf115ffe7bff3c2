"""A strict stand-in for the four chat services, on a real socket.

    with Robots() as robots:
        robot = robots.dingtalk(secret="SEC…")
        … post to robot.url …
        assert robot.shown == [{"msgtype": "text", …}]

It checks what the services check (schema, signature and clock, sizes in bytes, rate, token life, media) and
answers as they do: HTTP 200 and a code. `robot.faults` holds the faults to come, one for each request.
A test can pass a clock of its own, to let minutes pass without waiting.
"""

from .faults import DropAfterBody, DropBeforeBody, Fault, Html, Ignore, Refuse, Stall, Status
from .service import Received, Service
from .stand_in import Robots
from .wecom_app import WeComApp

__all__ = [
    "DropAfterBody",
    "DropBeforeBody",
    "Fault",
    "Html",
    "Ignore",
    "Received",
    "Refuse",
    "Robots",
    "Service",
    "Stall",
    "Status",
    "WeComApp",
]
