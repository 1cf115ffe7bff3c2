"""The plan of what a document would change: made first, shown, and then carried out whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from platform_site.importing.calendar_plan import CalendarPlanner
from platform_site.importing.document import Document
from platform_site.importing.step import DocumentRefusedError, Step
from platform_site.importing.task_plan import TaskPlanner

Entry = Mapping[str, Any]


def plan(document: Document, secrets: Mapping[str, str], now: datetime) -> list[Step]:
    """Return the steps that the document asks for. Raises DocumentRefusedError.

    `secrets` are values by the names that the document refers to. The document's calendars are made while its tasks
    are judged, and rolled back.
    """
    with transaction.atomic():
        calendars = _steps(document.calendars, CalendarPlanner().step)
        carry_out(calendars, now)
        tasks = _steps(document.tasks, TaskPlanner(secrets).step)
        transaction.set_rollback(True)
    return [*calendars, *tasks]


def _steps(entries: Sequence[Entry], step: Callable[[Entry], Step]) -> list[Step]:
    """Return the step of each entry. Raises DocumentRefusedError with the reasons of all entries."""
    steps, reasons = [], []
    for entry in entries:
        try:
            steps.append(step(entry))
        except DocumentRefusedError as error:
            reasons += error.reasons
    if reasons:
        raise DocumentRefusedError(reasons)
    return steps


def carry_out(steps: Sequence[Step], now: datetime) -> None:
    """Carry out all steps or none. Raises DocumentRefusedError where a row has been changed since the plan was made."""
    with transaction.atomic():
        for step in steps:
            if step.act != "keep":
                step.carry_out(now)
