"""`celery beat` with our tick in front of django-celery-beat's own scheduler.

Every beat is active; the database decides who fires what. PeriodicTask rows are still handled by the inherited
scheduler, each occurrence claimed by one counted UPDATE.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

import redis
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F, Q
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry
from kombu.exceptions import OperationalError

from common import process_registry
from common.crypto import UndecryptableError
from scheduling.beat import arrears, fire, reach, reaper, reconcile, refill
from scheduling.beat.misfire import TICK
from scheduling.beat.monitor_ping import MonitorPing
from scheduling.beat.release import Release
from scheduling.lifecycle import run_alerts

logger = logging.getLogger(__name__)
TICK_SECONDS = TICK.total_seconds()
RECONCILE_SECONDS = 5.0
AWAY_ERRORS = (OperationalError, redis.RedisError, OSError)
T = TypeVar("T")
NEVER = datetime(1, 1, 1)  # noqa: DTZ001  # compared with a naive time by the inherited scheduler


class ClaimedEntry(ModelEntry):  # type: ignore[misc]  # django-celery-beat has no types
    """An operator's PeriodicTask; each occurrence belongs to the one beat whose UPDATE counts."""

    won = False

    def claim(self) -> None:
        rows = PeriodicTask.objects.filter(pk=self.model.pk)
        untouched = Q(last_run_at=None) | Q(last_run_at__lte=self.last_run_at)
        self.won = bool(
            rows.filter(untouched).update(
                last_run_at=self._default_now(), total_run_count=F("total_run_count") + 1
            )
        )


class Scheduler(DatabaseScheduler):  # type: ignore[misc]
    Entry = ClaimedEntry

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.ticker = Ticker(f"{socket.gethostname()}:{os.getpid()}")
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        await_answer("The database", connection.ensure_connection)
        await_answer("The database", super().setup_schedule)
        if not await_answer("Redis", self._publishes_in_batches):
            raise RuntimeError("REDIS_URL must not set retry options: they switch batch publishing off")

    @property
    def schedule(self) -> dict[str, ClaimedEntry]:
        """The operators' PeriodicTasks by name, read again when they have changed, and every five minutes.

        The inherited scheduler notes that it has read them before it does. If the database goes away in between, a beat
        that starts would be left without a schedule, and one that runs would keep its old schedule.
        """
        try:
            read: dict[str, ClaimedEntry] = super().schedule
        except (DatabaseError, InterfaceError):
            self._last_full_sync = NEVER  # so the next look reads again
            raise
        return read

    def _publishes_in_batches(self) -> bool:
        with self.app.connection_for_write() as broker:
            return bool(broker.default_channel.supports_batch_publish)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do beat's work, wait until the next due time, a second at most, and return 0.

        Where the database or Redis is away, return the seconds until the next look instead, without waiting.
        """
        wait = self.ticker.tick()
        if self.ticker.in_trouble:  # the inherited scheduler would give an occurrence up, or hang
            return wait
        try:
            wait = min(wait, max(0.0, super().tick(*args, **kwargs)))
        except (DatabaseError, InterfaceError) as error:
            self.ticker.database_failed(error)
            return TICK_SECONDS
        self.ticker.rest(wait)
        return 0.0

    def reserve(self, entry: ClaimedEntry) -> ClaimedEntry:
        """Claim the occurrence. The next entry starts from what the database has, no matter which beat has won."""
        entry.claim()
        following: ClaimedEntry = next(entry)
        stored = PeriodicTask.objects.filter(pk=entry.model.pk).values_list("last_run_at", flat=True).first()
        following.last_run_at = following.model.last_run_at = stored or following.last_run_at
        return following

    def apply_entry(self, entry: ClaimedEntry, producer: Any = None) -> None:
        if entry.won:
            super().apply_entry(entry, producer)

    def close(self) -> None:
        self.ticker.leave()
        super().close()


def await_answer(part: str, ask: Callable[[], T]) -> T:
    """Ask until there is an answer, and return it.

    A beat that ended for want of one would be started again ever more rarely, or take `make up` down with it.
    """
    waits = False
    while True:
        try:
            return ask()
        except (DatabaseError, InterfaceError, *AWAY_ERRORS) as error:
            if not waits:
                logger.error("%s does not answer yet: %s", part, error)
            waits = True
            time.sleep(TICK_SECONDS)


class Ticker:
    """One beat's work for the platform's tasks. Whatever fails, the next tick goes on."""

    def __init__(self, name: str, now: Callable[[], datetime] = timezone.now) -> None:
        self.name, self.now = name, now
        self.reaper = reaper.Reaper()
        self.heartbeat = MonitorPing()
        self.mended = 0.0
        self.in_trouble = False
        self.release = Release()
        self.filled: set[str] = set()
        self.took = 0.0  # seconds of the last tick

    def tick(self) -> float:
        """Do a tick, and return the seconds until the next look, at most `TICK_SECONDS`.

        They are 0 while tasks are left, else those until the next due time. `in_trouble` shows afterwards that the
        database or Redis was away; what is due waits in the database then. `filled` are the queues that got messages.
        """
        self.in_trouble = False
        self.filled = set()
        process_registry.touch_alive_file()
        now, monotonic = self.now(), time.monotonic()
        try:
            if reach.reach(
                now
            ):  # what was written ahead is due now: it need not wait for what is to be written
                self._fill(now)
            more = fire.fire(now) >= fire.TASKS_AT_ONCE
            more = arrears.work_off(now) or more
            reach.reach(now)
            if monotonic - self.mended >= RECONCILE_SECONDS:
                self.mended = monotonic
                self._mend(now, monotonic)
            if not self.in_trouble:
                self._fill(now)
            self.took = time.monotonic() - monotonic
            if not self.in_trouble:
                self.heartbeat.beat(monotonic)
            return 0.0 if more else self._until(fire.next_wake(now))
        except (DatabaseError, InterfaceError) as error:
            self.database_failed(error)
            return TICK_SECONDS

    def database_failed(self, error: Exception) -> None:
        self.in_trouble = True
        self.reaper.database_failed()
        logger.error("The database does not answer: %s", error)

    def _fill(self, now: datetime) -> None:
        try:
            process_registry.announce(process_registry.ProcessEntry("beat", self.name, [], 0))
            self.filled |= set(self.release.fill(now))
        except (OperationalError, redis.RedisError, OSError) as error:
            self.in_trouble = True
            logger.error("Redis does not answer, due runs wait in the database: %s", error)

    def rest(self, seconds: float) -> None:
        """Wait until the next look, and publish again what workers use up meanwhile.

        Where beat is woken the look comes early, but only after a pause as long as the last tick took.
        """
        begins_at = time.monotonic()
        ends_at = begins_at + seconds
        try:
            watched = self.filled | refill.busy()
            while low := refill.wait(ends_at - time.monotonic(), watched):
                watched = watched - low | set(self.release.refill(self.now(), low))
            time.sleep(max(0.0, min(ends_at, begins_at + self.took) - time.monotonic()))
        except (DatabaseError, InterfaceError, OperationalError, redis.RedisError, OSError):
            time.sleep(max(0.0, ends_at - time.monotonic()))  # the next tick logs it

    def _until(self, wake: datetime | None) -> float:
        if wake is None:
            return TICK_SECONDS
        return min(TICK_SECONDS, max(0.0, (wake - self.now()).total_seconds()))

    def _mend(self, now: datetime, monotonic: float) -> None:
        self.reaper.reap(now, monotonic)
        reconcile.unpublish_unclaimed(now)
        reconcile.free_stranded_windows(now)
        try:
            run_alerts.alert_too_long(now)
        except UndecryptableError as error:  # the alert address of one task can't be read
            logger.error("No alert of a run that takes too long: %s", error)

    def leave(self) -> None:
        with suppress(redis.RedisError):
            process_registry.leave("beat", self.name)
