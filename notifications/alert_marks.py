"""Which alerts have gone out: the same one is suppressed for a while, and only one that went out can recover."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet

from notifications.models import AlertMark

FOR_EVER = timedelta(days=36_500)


def silence_period() -> timedelta:
    return timedelta(seconds=settings.ALERT_SILENCE_SECONDS)


def claim_alert(
    subject: str, event: str, now: datetime, fold_for: timedelta | None = None, log_id: int | None = None
) -> bool:
    """Record that an alert goes out now, and return whether it should.

    True for one caller in `fold_for` (by default the setting ALERT_SILENCE_SECONDS), and never twice in a row for the
    run that `log_id` names. The mark is written in the caller's transaction.
    """
    mark = AlertMark.objects.filter(subject=subject, event=event)
    over = mark.filter(sent_at__lte=now - (silence_period() if fold_for is None else fold_for))
    if log_id is not None:
        over = over.exclude(log_id=log_id)
    if over.update(sent_at=now, is_open=True, log_id=log_id):
        return True
    if mark.update(is_open=True):
        return False
    try:
        with transaction.atomic():
            AlertMark.objects.create(subject=subject, event=event, sent_at=now, log_id=log_id)
    except IntegrityError:  # another process was first
        return False
    return True


def open_alerts(subject: str, now: datetime) -> QuerySet[AlertMark]:
    """Return the alerts about the subject that still concern somebody, the latest first.

    A failure does until a success follows. The others have no end of their own: they do for a day.
    """
    lasting = Q(event="task_failed", is_open=True) | Q(sent_at__gt=now - timedelta(days=1))
    return AlertMark.objects.filter(lasting, subject=subject, is_open=True).order_by("-sent_at")


def take_open_mark(subject: str, event: str) -> bool:
    """Delete an alert's open mark, and return whether there was one: then the recovery is to be announced.

    The next alert goes out at once.
    """
    mark = AlertMark.objects.filter(subject=subject, event=event, is_open=True)
    return bool(mark.delete()[0])


def close_mark(subject: str, event: str) -> None:
    """Close an alert's mark where no recovery is to be announced. The silence period goes on."""
    AlertMark.objects.filter(subject=subject, event=event, is_open=True).update(is_open=False)
