from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from common.http import Client, Policy
from notifications.senders import Clients, guarded_client
from notifications.tests.clock import Clock
from testing.servers.robots import Robots


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def robots(clock: Clock) -> Iterator[Robots]:
    with Robots(clock) as running:
        yield running


@pytest.fixture
def clients() -> Clients:
    return guarded_client


@pytest.fixture
def impatient() -> Clients:
    """As `clients`, but it waits no quarter of a minute for an answer that never comes."""
    client = Client(Policy(allowed_networks=(ip_network("127.0.0.0/8"),), read_seconds=0.2))
    return lambda proxy_url: client
