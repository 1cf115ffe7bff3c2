"""kombu's channels on a real Redis."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from kombu import Connection
from redis import Redis

from common import redis_broker


@pytest.fixture
def connection(redis: Redis) -> Iterator[Connection]:
    redis_broker.use()
    with Connection(settings.REDIS_URL) as connection:
        yield connection


@pytest.fixture
def channel(connection: Connection) -> Any:
    assert isinstance(connection.default_channel, redis_broker.Channel)
    return connection.default_channel


def test_a_message_goes_through(connection: Connection) -> None:
    with connection.SimpleQueue("letters") as queue:
        queue.put({"n": 1})
        message = queue.get(timeout=60)
        message.ack()
    assert message.payload == {"n": 1}


def test_a_channel_asks_by_one_client(channel: Any) -> None:
    with channel.conn_or_acquire() as first, channel.conn_or_acquire() as second:
        assert first is second


def test_a_channel_that_lost_its_connections_asks_by_another(channel: Any) -> None:
    with channel.conn_or_acquire() as first:
        channel._disconnect_pools()
    with channel.conn_or_acquire() as second:
        assert second.ping()
    assert second.connection_pool is not first.connection_pool


def test_what_waits_for_messages_has_a_client_of_its_own(channel: Any) -> None:
    with channel.conn_or_acquire() as asking:
        assert channel.client is not asking


def test_a_channel_whose_connection_is_gone_ends_without_what_it_had_taken(connection: Connection) -> None:
    """As when Redis ends while messages are taken: the worker goes on, beat publishes them again."""
    with connection.SimpleQueue("letters") as queue:
        queue.put({"n": 1})
        queue.get(timeout=60)
        channel: Any = queue.channel
        kept, channel.connection.client = channel.connection.client, None
        channel._disconnect_pools()
        channel.qos.restore_unacked_once()
        assert not channel.qos._delivered
        channel.connection.client = kept
