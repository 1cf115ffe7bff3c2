"""What a RunContext keeps for a later attempt, where there will be none: nothing."""

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
        """Here to wait is to use up the time, whatever for."""

    def draw(self, timeline: Callable[[], Any]) -> None:
        """No page would show it."""

    def calling(self) -> datetime:
        return timezone.now()

    def keep(self, external_id: str, external_task_id: str = "") -> None:
        """In memory: stopping what was begun needs the ids."""
        self.kept = (external_id, external_task_id)

    def claimed_elsewhere(self, external_ids: Collection[str]) -> set[str]:
        found = set(
            Run.objects.filter(external_id__in=list(external_ids)).values_list("external_id", flat=True)
        )
        connection.close()
        return found
