from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

from tests.hostile.requests import Asked, some
from tests.hostile.routes import path_of, routes
from tests.hostile.sending import Sender
from tests.hostile.values import TIMES, WORDS

METHODS = cycle(("GET", "GET", "POST", "GET", "PUT", "DELETE", "PATCH"))


def requests() -> Iterator[Asked]:
    for route in routes():
        for name in route.arguments:
            for word in (*WORDS, *TIMES):
                yield Asked(next(METHODS), path_of(route, **{name: word}))


def test_no_argument_of_an_address_gives_a_500(sending: Sender) -> None:
    for who, asked in some(requests(), 17):
        sending.send(who, asked)
