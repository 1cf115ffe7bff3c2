"""kombu's channels on a real Redis."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from kombu import Connection
from kombu.common import ignore_errors
from redis import Redis

from common.framework import redis_broker
from testing.ports import free_port
from testing.servers.redis_server import RedisServer


@pytest.fixture
def connection(redis: Redis) -> Iterator[Connection]:
    redis_broker.install()
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


def test_messages_of_a_redis_that_ended_end_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What a worker does that lost its connection. A task may end only then; beat publishes what it had taken again."""
    redis_broker.install()
    with (
        RedisServer(free_port(), tmp_path) as server,
        Connection(f"redis://127.0.0.1:{server.port}") as connection,
    ):
        with connection.SimpleQueue("letters") as queue:
            queue.put({"n": 1})
            message: Any = queue.get(timeout=60)
        server.stop()
        with suppress(Exception):
            connection.collect()
        ignore_errors(connection, connection.close)
        message.ack_log_error(logging.getLogger(__name__), connection.connection_errors)
    assert "Couldn't ack" in caplog.text
    assert not message.channel.qos._delivered


def test_a_closed_channel_has_lost_its_connection(connection: Connection, channel: Any) -> None:
    """What ends later is acknowledged by it, and Celery gets over these errors alone."""
    channel.close()
    with pytest.raises(connection.connection_errors), channel.conn_or_acquire():
        pass
