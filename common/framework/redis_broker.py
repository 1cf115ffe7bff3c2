"""The Redis transport of kombu, with one client for all requests of a channel; a lost channel does not end the worker.

kombu makes a client for each message that it takes or acknowledges, and redis-py fills a table of 165 rows for each
client (redis-py, issue 3624). That took a tenth of the time of a worker's main process.
"""

from __future__ import annotations

from typing import Any

from celery.bootsteps import StartStopStep
from kombu.common import ignore_errors
from kombu.transport import TRANSPORT_ALIASES, redis
from redis import exceptions


class QoS(redis.QoS):
    def restore_unacked(self, client: Any = None) -> Any:
        """Put back the messages that were taken and not begun; without a connection, beat publishes them again."""
        try:
            return super().restore_unacked(client)
        except self.channel.connection_errors:  # type: ignore[attr-defined]  # its stubs are old
            self._delivered.clear()  # type: ignore[union-attr]


class Channel(redis.Channel):
    QoS = QoS
    _asking: Any = None

    def _connparams(self, asynchronous: bool = False) -> Any:
        """Return the connection's parameters. Raises ConnectionError if the channel is closed.

        A closed channel has no address any more; what it still has to acknowledge must not end the worker.
        """
        if getattr(self.connection, "client", None) is None:
            raise exceptions.ConnectionError("This channel's connection was lost.")
        return super()._connparams(asynchronous)  # type: ignore[misc]

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:  # such a client blocks its connection, so each needs its own
            return super()._create_client(asynchronous)  # type: ignore[misc]  # its stubs are old
        if self._asking is None or self._asking.connection_pool is not self.pool:
            self._asking = super()._create_client()  # type: ignore[misc]
        return self._asking


class Transport(redis.Transport):
    Channel = Channel


class RestoreUnackedStep(StartStopStep):
    """Gives back messages that were taken and not begun, before the worker waits for what it is still running.

    Celery does so only when all of that has ended, and until then no other worker could begin them.
    """

    requires = ("celery.worker.components:Pool",)

    def stop(self, worker: Any) -> None:
        if connection := worker.consumer.connection:
            ignore_errors(connection, connection.default_channel.close)


def install() -> None:
    """Use this transport for every connection that is opened to redis:// or rediss:// from now on."""
    for scheme in ("redis", "rediss"):
        TRANSPORT_ALIASES[scheme] = f"{__name__}:Transport"
