"""The course of a run of any kind as bars: how long it waited, its attempts, its messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from notifications.models import Delivery, DeliveryStatus
from scheduling.admin.timeline import Bar, TimelinePicture, bar_at
from scheduling.models import UNFINISHED, Run, RunStatus

# The classes of bars are those of Dify's nodes.
RUN_CLASSES = {RunStatus.SUCCESS: "succeeded", RunStatus.FAILED: "failed", RunStatus.RUNNING: "running"}
DELIVERY_CLASSES = {
    DeliveryStatus.PENDING: "running",
    DeliveryStatus.SENDING: "running",
    DeliveryStatus.SENT: "succeeded",
    DeliveryStatus.FAILED: "failed",
    DeliveryStatus.UNKNOWN: "exception",
}


@dataclass(frozen=True)
class Stretch:
    """A part of the run's time. `ended`: None while it goes on."""

    title: str
    icon: str
    css_class: str
    began: datetime
    ended: datetime | None
    error: str = ""


def course(run: Run, deliveries: Iterable[Delivery], now: datetime) -> TimelinePicture | None:
    """Draw what has happened since the run could begin. None where nothing has."""
    stretches = [*_waiting(run, now), *_attempts(run), *map(_message, deliveries)]
    if not stretches:
        return None
    first = min(each.began for each in stretches)
    seconds = max(((each.ended or now) - first).total_seconds() for each in stretches) or 0.001
    return TimelinePicture([_bar(each, first, seconds, now) for each in stretches], seconds, 0)


def _waiting(run: Run, now: datetime) -> Iterator[Stretch]:
    began = max(run.created_at, run.due_at or run.created_at)
    ended = run.first_started_at or run.finished_at
    if began < (ended or now):
        yield Stretch(_("Waiting"), "hourglass_empty", "waiting", began, ended)


def _attempts(run: Run) -> Iterator[Stretch]:
    """Yield the earlier attempts as one stretch with the pauses between them: only the latest has times of its own."""
    first, latest = run.first_started_at, run.started_at
    if first is None or latest is None:
        return
    is_waiting = run.status == RunStatus.QUEUED
    if is_waiting or latest > first:
        count = run.attempt if is_waiting else run.attempt - 1
        title = _("Attempts up to %(n)d, with pauses") % {"n": count}
        yield Stretch(title, "restart_alt", "failed", first, None if is_waiting else latest)
    if not is_waiting:
        title = _("Attempt %(n)d") % {"n": run.attempt}
        css_class = RUN_CLASSES.get(RunStatus(run.status), "")
        yield Stretch(title, "play_circle", css_class, latest, run.finished_at)


def _message(row: Delivery) -> Stretch:
    status = DeliveryStatus(row.status)
    is_open = status in (DeliveryStatus.PENDING, DeliveryStatus.SENDING)
    ended = None if is_open else row.sent_at or row.created_at
    title = str(row.destination or row.get_kind_display())
    return Stretch(title, "chat", DELIVERY_CLASSES.get(status, ""), row.created_at, ended, row.error)


def _bar(stretch: Stretch, first: datetime, whole: float, now: datetime) -> Bar:
    began = (stretch.began - first).total_seconds()
    ended = ((stretch.ended or now) - first).total_seconds()
    return bar_at(
        began,
        ended,
        whole,
        title=stretch.title,
        icon=stretch.icon,
        status=stretch.css_class,
        seconds=ended - began,
        error=stretch.error,
    )


def is_open(run: Run, deliveries: Iterable[Delivery]) -> bool:
    """Return whether something of the run is still to come: its end, or a message's."""
    waits = (DeliveryStatus.PENDING, DeliveryStatus.SENDING)
    return run.status in UNFINISHED or any(row.status in waits for row in deliveries)
