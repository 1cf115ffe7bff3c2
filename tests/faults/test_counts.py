"""What processes have counted is there when they have ended in peace."""

from __future__ import annotations

import pytest
from django.utils import timezone

from common import metrics
from scheduling.models import Run, RunStatus
from scheduling.tests import make
from testing.patience import eventually
from testing.processes import Processes

pytestmark = pytest.mark.django_db(transaction=True)
RUNS = 3


def test_a_pools_process_that_leaves_after_its_task_has_handed_on_what_it_counted() -> None:
    now = timezone.now()
    task = make.task(now, overlap_policy="allow", cron_expression="0 0 1 1 *")
    for _ in range(RUNS):
        make.run(task, now)
    with Processes() as processes:
        processes.beat()
        processes.worker("prefork", 1, "script", "--max-tasks-per-child", "1")
        eventually(lambda: Run.objects.filter(status=RunStatus.SUCCESS).count() == RUNS)
        eventually(lambda: metrics.totals().get(("platform_runs", "success", "script", "")) == RUNS, 60)
