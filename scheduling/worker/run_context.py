"""The RunContext that executors get: an interface to a run's row and to its run keeper."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.utils import timezone

from common.framework.db_connections import lent_connection
from common.http import CancelSwitch
from scheduling.execution import Stream
from scheduling.kinds import KINDS
from scheduling.lifecycle.run_logs import LineBuffer
from scheduling.models import Run, ScheduledTask
from scheduling.worker.run_keeper import KeptRun
from scheduling.worker.run_secrets import RunSecrets

logger = logging.getLogger(__name__)


class LiveContext(RunSecrets):
    seconds_to_end = 10.0

    def __init__(self, run: Run, task: ScheduledTask, secrets: Collection[str]) -> None:
        super().__init__(secrets)
        self.run, self.task = run, task
        self.unstarted, self.called_at = run.unstarted_count, run.called_at
        self.ends_at = time.monotonic() + (task.timeout - self._spent()).total_seconds()
        self.earlier_error = run.error
        has_none = run.attempt == 1 and not run.error
        lines = LineBuffer(run.pk, self.mask_line, written=0 if has_none else None)
        self.kept_run = KeptRun(run.pk, lines, ends_with_lease=KINDS[task.execution_type].ends_with_lease)
        self.kept_run.goes_on_outside = bool(run.external_id)
        self.unwritten: dict[str, Any] = {}

    def _spent(self) -> timedelta:
        """Return how much of the time limit is used up by a call of an earlier attempt, which may still go on."""
        return timezone.now() - self.called_at if self.called_at else timedelta(0)

    @property
    def seconds_left(self) -> float:
        return self.ends_at - time.monotonic()

    def extend(self, seconds: float) -> None:
        self.ends_at += seconds

    @property
    def switch(self) -> CancelSwitch:
        return self.kept_run.switch

    @property
    def kept(self) -> tuple[str, str]:
        return self.run.external_id, self.run.external_task_id

    def canceled(self) -> bool:
        return self.kept_run.switch.is_canceled or self.kept_run.lease_lost(time.monotonic())

    @property
    def released(self) -> bool:
        return self.kept_run.released

    def line(self, text: str, stream: Stream = "system") -> None:
        self.kept_run.lines.add(timezone.now(), self.cut_line(text, stream), stream)

    def draw(self, timeline: Callable[[], Any]) -> None:
        self.kept_run.timeline = lambda: self.mask_tree(timeline())

    def calling(self) -> datetime:
        now = timezone.now()
        self.unwritten["called_at"] = now
        with lent_connection():
            self.store_kept()
        return now

    def keep(self, external_id: str, external_task_id: str = "") -> None:
        if (external_id, external_task_id) == self.kept:
            return
        self.run.external_id, self.run.external_task_id = external_id, external_task_id
        self.unwritten |= {"external_id": external_id, "external_task_id": external_task_id}
        try:
            with lent_connection():
                self.store_kept()
        except (DatabaseError, InterfaceError) as error:  # no reason to give up the run that goes on outside
            logger.warning("Run %s keeps its ids in memory for now: %s", self.run.trace_id, error)
        else:
            self.kept_run.goes_on_outside = bool(external_id)

    def store_kept(self) -> None:
        """Write what a database that was away has not taken; nothing if another worker has the run by now."""
        if self.unwritten:
            claimed = Run.objects.filter(pk=self.run.pk, attempt=self.run.attempt, worker=self.run.worker)
            claimed.update(**self.unwritten)
            self.unwritten = {}

    def claimed_elsewhere(self, external_ids: Collection[str]) -> set[str]:
        rows = Run.objects.filter(external_id__in=list(external_ids)).exclude(pk=self.run.pk)
        with lent_connection():
            return set(rows.values_list("external_id", flat=True))
