"""Two claims of one task meet its last run's end: the database ends one of them, and both must be judged."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from django.db import connection, transaction
from django.utils import timezone

from scheduling.execution import success
from scheduling.lifecycle.transitions import finish
from scheduling.models import Run
from scheduling.tests import make
from scheduling.worker.attempt import attempt
from scheduling.worker.claim import claim
from testing.patience import eventually

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]


def test_the_one_that_the_database_has_ended_is_claimed_again() -> None:
    now = timezone.now()
    task = make.task(now, script_content="result = 1", cron_expression="0 0 1 1 *")
    first, *others = (make.run(task, now) for _ in range(3))
    claimed = claim(first.trace_id, "w", now)
    assert claimed
    with ThreadPoolExecutor() as pool:
        with transaction.atomic():
            finish(claimed[0], success(), now)
            attempts = [pool.submit(attempted, run) for run in others]
            eventually(lambda: waiting_for_locks() == 2)
        for one in attempts:
            one.result()
    assert "success" in Run.objects.filter(pk__in=[run.pk for run in others]).values_list("status", flat=True)


def attempted(run: Run) -> None:
    with closing(connection):
        attempt(run.trace_id)


def waiting_for_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'")
        return int(cursor.fetchone()[0])
