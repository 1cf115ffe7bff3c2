"""The parts of a RunContext that serve a later attempt, for a run that has no row and no later attempt."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from scheduling.models import Run


class UnrecordedRun:
    unstarted = 0
    called_at: datetime | None = None
    released = False
    earlier_error = ""
    seconds_to_end = 10.0

    def __init__(self) -> None:
        self.kept = ("", "")

    def extend(self, seconds: float) -> None:
        """Ignore the extension: here every wait uses up the time."""

    def draw(self, timeline: Callable[[], Any]) -> None:
        """Ignore the timeline, which no page would show."""

    def calling(self) -> datetime:
        return timezone.now()

    def keep(self, external_id: str, external_task_id: str = "") -> None:
        """Keep the ids in memory, because a stop of the run outside needs them."""
        self.kept = (external_id, external_task_id)

    def claimed_elsewhere(self, external_ids: Collection[str]) -> set[str]:
        found = set(
            Run.objects.filter(external_id__in=list(external_ids)).values_list("external_id", flat=True)
        )
        connection.close()
        return found
