"""A strict stand-in for the four chat services, on a real socket.

    with Robots() as robots:
        robot = robots.dingtalk(secret="SEC…")
        … post to robot.url …
        assert robot.shown == [{"msgtype": "text", …}]

It checks what the services check (schema, signature and clock, sizes in bytes, rate, token life, media) and
answers as they do: HTTP 200 and a code. `robot.faults` holds what shall go wrong, one a request.
Its clock can be given, so that minutes pass when a test says so.
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
