"""What a task that is valid probably does not mean: its editor is told, and it is saved all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _

from scheduling.acts.task_rules import reader_language
from scheduling.acts.template_rules import BODY, TEMPLATES, problem_in_a_trial
from scheduling.kinds.template_names import names_in_single_braces
from scheduling.models import ScheduledTask
from scheduling.planning.schedules import schedule_of
from scheduling.schedule.cautions import cautions
from scheduling.schedule.errors import ScheduleError
from scheduling.schedule.rule import Schedule

LABELS = {field.name: field.verbose_name for field in ScheduledTask._meta.concrete_fields}


def cautions_of(task: ScheduledTask, now: datetime) -> list[str]:
    """Return them in the reader's language."""
    try:
        of_schedule = list(schedule_cautions(task, schedule_of(task), now))
    except ScheduleError:  # a task that breaks a later rule can be switched off
        of_schedule = []
    return [*of_schedule, *_single_braces(task), *_trial(task, now)]


def schedule_cautions(task: ScheduledTask, schedule: Schedule, now: datetime) -> Iterator[str]:
    language = reader_language()
    yield from (caution.text(language) for caution in cautions(schedule, now))
    if task.hands_out_windows and (task.calendar or task.spread_seconds):
        yield _("Data windows follow one another without gaps, so the calendar and the spread are not used.")


def _single_braces(task: ScheduledTask) -> Iterator[str]:
    text = _("%(label)s: {%(name)s} stays as it is written; to fill in the value write {{ %(name)s }}.")
    for column in TEMPLATES:
        for name in names_in_single_braces(getattr(task, column)):
            yield text % {"label": LABELS[column], "name": name}


def _trial(task: ScheduledTask, now: datetime) -> Iterator[str]:
    if problem := problem_in_a_trial(task, now):
        text = _("%(label)s: a run with the task's own parameters would fail now. %(why)s")
        yield text % {"label": LABELS[BODY], "why": problem}
