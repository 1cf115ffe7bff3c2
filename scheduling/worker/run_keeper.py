"""One thread per worker process looks after all its runs: it writes their lines and timelines, renews their leases
and looks for cancel requests.

Executors wait on sockets without a database connection. This thread holds the only one and closes it when the process
has no runs; it also closes lent connections that have been idle.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from common.framework import db_connections
from common.http import CancelSwitch
from scheduling.lifecycle import leases
from scheduling.lifecycle.leases import LEASE
from scheduling.lifecycle.run_logs import LineBuffer
from scheduling.models import Run, RunStatus

logger = logging.getLogger(__name__)
FLUSH_SECONDS = 0.5
SAFETY_SECONDS = 5.0  # a run ends this long before its lease does, because another worker may start it then


class KeptRun:
    """What the run keeper knows of one run of this process; `switch` ends it.

    `released`: the worker ends. A run that `goes_on_outside` is left to another worker at once, any other may end
    within the time that the worker has left. `lease_lost` uses neither the database nor the run keeper, as both may
    hang. Its clock is monotonic, as a wall clock may jump.
    """

    def __init__(self, run_id: int, lines: LineBuffer, *, ends_with_lease: bool) -> None:
        self.run_id, self.lines, self.ends_with_lease = run_id, lines, ends_with_lease
        self.switch = CancelSwitch()
        self.goes_on_outside = self.released = False
        self.renewed = time.monotonic()  # the claim has just set the lease
        self.timeline: Callable[[], Any] | None = None  # the newest
        self.drawn: Callable[[], Any] | None = None  # the one that the run's row has

    def release(self) -> None:
        self.released = True
        self.switch.cancel()

    def lease_lost(self, monotonic: float) -> bool:
        """Return whether this run must end now, because another worker may start it soon."""
        over = monotonic - self.renewed > LEASE.total_seconds() - SAFETY_SECONDS
        return self.ends_with_lease and over


class RunKeeper:
    def __init__(self, worker: str, now: Callable[[], datetime] = timezone.now) -> None:
        self.worker, self.now = worker, now
        self.runs: dict[int, KeptRun] = {}
        self.lock = threading.Lock()
        self.wanted = threading.Event()
        self.thread: threading.Thread | None = None
        self.leave_by: float | None = None

    @property
    def is_leaving(self) -> bool:
        return self.leave_by is not None

    def leave_within(self, seconds: float) -> None:
        """Note that the process ends after so many seconds. Signal handlers call this, so it must not take a lock."""
        self.leave_by = time.monotonic() + seconds

    def keep(self, run: KeptRun) -> None:
        with self.lock:
            self.runs[run.run_id] = run
            if self.thread is None:
                self.thread = threading.Thread(target=self._loop, name="run keeper", daemon=True)
                self.thread.start()
        self.wanted.set()

    def leave(self, run: KeptRun) -> None:
        with self.lock:
            self.runs.pop(run.run_id, None)

    def _loop(self) -> None:
        while True:
            others = db_connections.close_idle()
            if not self.runs:
                connection.close()
                if not others:
                    self.wanted.wait()
            self.wanted.clear()
            time.sleep(FLUSH_SECONDS)  # first: most scripts have ended by then and need no connection
            if self.runs:
                self._look()

    def _look(self) -> None:
        try:
            self.round(time.monotonic())
        except (OperationalError, InterfaceError) as error:
            logger.warning("The database does not answer: %s", error)
        except Exception:  # one run must not end the thread of all runs
            logger.exception("The runs of this process could not be looked after")

    def round(self, monotonic: float) -> None:
        """Look once at all runs: end, write, cancel, renew."""
        with self.lock:
            runs = list(self.runs.values())
        for run in runs:
            if run.lease_lost(monotonic):
                run.switch.cancel()
            elif self.leave_by is not None and (run.goes_on_outside or monotonic >= self.leave_by):
                run.release()
        for run in runs:
            self._write(run)
        to_cancel = Run.objects.filter(pk__in=[r.run_id for r in runs], cancel_requested_at__isnull=False)
        canceled = set(to_cancel.values_list("pk", flat=True))
        for run in runs:
            if run.run_id in canceled:
                run.switch.cancel()
        self._renew(runs, monotonic)

    def _write(self, run: KeptRun) -> None:
        """Write the run's lines and timeline. An error here must not keep the other runs from their leases.

        It comes up again at the run's end.
        """
        try:
            run.lines.flush()
            self._draw(run)
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            logger.exception("Lines or timeline of run %s could not be written", run.run_id)
            run.drawn = run.timeline  # do not try the same one again

    def _draw(self, run: KeptRun) -> None:
        """Write the newest timeline, but never over the last one, which is written with the run's end."""
        timeline = run.timeline
        if timeline is None or timeline is run.drawn:
            return
        claimed = Run.objects.filter(pk=run.run_id, status=RunStatus.RUNNING, worker=self.worker)
        claimed.update(timeline=timeline())
        run.drawn = timeline

    def _renew(self, runs: list[KeptRun], monotonic: float) -> None:
        if not any(monotonic - run.renewed >= leases.RENEW_SECONDS for run in runs):
            return
        leases.renew(self.worker, [run.run_id for run in runs], self.now())
        for run in runs:
            run.renewed = monotonic


_keepers: dict[int, RunKeeper] = {}
_node = ""


def keeper() -> RunKeeper:
    """Return this process's own run keeper. A forked child begins with a new one."""
    pid = os.getpid()
    if pid not in _keepers:
        _keepers.clear()
        _keepers[pid] = RunKeeper(f"{_node or socket.gethostname()}:{pid}")
    return _keepers[pid]


def set_node_name(node: str) -> None:
    """Set the worker's name, the one that Flower shows. Its children, forked later, add their process ids."""
    global _node  # noqa: PLW0603  # Celery names the process once
    _node = node[-120:]
