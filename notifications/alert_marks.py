"""Which alerts have gone out: the same one is folded for a while, and only what was told can recover."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from notifications.models import AlertMark

EVER = timedelta(days=36_500)


def silence() -> timedelta:
    return timedelta(seconds=settings.ALERT_SILENCE_SECONDS)


def is_news(
    subject: str, event: str, now: datetime, fold_for: timedelta | None = None, log_id: int | None = None
) -> bool:
    """True for one caller in `fold_for` (by default the setting), and once for a run that is named.

    Kept with the caller's transaction.
    """
    mark = AlertMark.objects.filter(subject=subject, event=event)
    over = mark.filter(sent_at__lte=now - (silence() if fold_for is None else fold_for))
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


def recover(subject: str, event: str) -> bool:
    """Was it told, and not taken back since? The next one is news again."""
    told = AlertMark.objects.filter(subject=subject, event=event, is_open=True)
    return bool(told.delete()[0])


def settle(subject: str, event: str) -> None:
    """It is over, and nobody wants to hear so: the silence goes on."""
    AlertMark.objects.filter(subject=subject, event=event, is_open=True).update(is_open=False)
