from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection

from notifications import alert_marks
from notifications.models import AlertMark
from notifications.tests.outgoing import START

pytestmark = pytest.mark.django_db
SILENCE = timedelta(seconds=600)
TASK, FAILED = "task:1", "task_failed"


def test_the_same_alert_is_news_once_in_a_silence_period() -> None:
    times = [timedelta(0), timedelta(seconds=1), SILENCE - timedelta(seconds=1), SILENCE, SILENCE * 1.5]
    assert [alert_marks.claim_alert(TASK, FAILED, START + at) for at in times] == [
        True,
        False,
        False,
        True,
        False,
    ]


def test_other_subjects_and_events_are_other_news() -> None:
    assert alert_marks.claim_alert(TASK, FAILED, START)
    assert alert_marks.claim_alert("task:2", FAILED, START)
    assert alert_marks.claim_alert(TASK, "task_missed", START)


def test_a_run_that_is_named_is_told_once_however_long_it_goes_on() -> None:
    def is_news(log_id: int, after: timedelta) -> bool:
        return alert_marks.claim_alert(TASK, "task_too_long", START + after, log_id=log_id)

    assert is_news(1, timedelta(0))
    assert not is_news(1, 10 * SILENCE)
    assert not is_news(2, SILENCE / 2)
    assert is_news(2, 10 * SILENCE)


def test_only_what_was_told_recovers_and_only_once() -> None:
    assert not alert_marks.take_open_mark(TASK, FAILED)
    alert_marks.claim_alert(TASK, FAILED, START)
    assert alert_marks.take_open_mark(TASK, FAILED)
    assert not alert_marks.take_open_mark(TASK, FAILED)
    assert alert_marks.claim_alert(TASK, FAILED, START)


def test_what_is_over_untold_can_not_recover_later() -> None:
    alert_marks.claim_alert(TASK, FAILED, START)
    alert_marks.close_mark(TASK, FAILED)
    assert not alert_marks.take_open_mark(TASK, FAILED)
    assert not alert_marks.claim_alert(TASK, FAILED, START + SILENCE / 2)
    assert alert_marks.take_open_mark(TASK, FAILED)


@pytest.mark.django_db(transaction=True)
def test_of_many_processes_one_has_the_news() -> None:
    start, found = threading.Barrier(6), []

    def ask() -> None:
        start.wait()
        found.append(alert_marks.claim_alert(TASK, FAILED, START))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [False] * 5 + [True]
    assert AlertMark.objects.count() == 1
