"""What can go wrong between the platform and a service."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Refuse:
    """The service refuses with a code of its own, under HTTP 200. Nothing is shown."""

    code: int | str
    text: str = ""


@dataclass(frozen=True)
class Status:
    """The answer is an HTTP status with an empty body."""

    status: int


@dataclass(frozen=True)
class Html:
    """A gateway's page comes in place of the service's answer, under HTTP 200."""


@dataclass(frozen=True)
class DropBeforeBody:
    """The connection is closed before the body is read."""


@dataclass(frozen=True)
class DropAfterBody:
    """The message is shown, and the connection is closed in place of an answer."""


@dataclass(frozen=True)
class Stall:
    """The message is shown, and no answer comes until the stand-in closes."""


@dataclass(frozen=True)
class Ignore:
    """Nothing is read or shown, and no answer comes until the stand-in closes."""


Fault = Refuse | Status | Html | DropBeforeBody | DropAfterBody | Stall | Ignore
