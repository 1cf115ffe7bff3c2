"""The database drops every connection of every process: each gets its own back, nothing is started again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from notifications.models import Delivery, DeliveryStatus, NotifyChannel
from scheduling.models import Run, RunStatus, ScheduledTask
from scheduling.tests import make
from testing.patience import eventually
from testing.ports import free_port
from testing.processes import Processes
from testing.servers.robots import Robots
from testing.servers.webhook import Webhook

pytestmark = [pytest.mark.services, pytest.mark.django_db(transaction=True)]
RAISED = "raised unexpected"  # what Celery says of a task that did not end well
TIMES = 3
SLOTS = 2  # messages come in greater number: each thread of a worker gets a second one


@pytest.fixture
def said(tmp_path: Path) -> Path:
    return tmp_path / "said"


@pytest.fixture
def processes(said: Path) -> Iterator[Processes]:
    given = {"OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8", "LOG_LEVEL": "WARNING"}
    with Processes(given, log=said) as running:
        yield running


def kill_all_others() -> int:
    """KILL for each connection to the database that is not this test's; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()"
        )
        ids = [row[0] for row in cursor.fetchall()]
        for number in ids:
            with suppress(OperationalError):  # it has ended by itself
                cursor.execute("KILL CONNECTION %s", [number])
    return len(ids)


def is_ready(port: int) -> bool:
    try:
        with build_opener(ProxyHandler({})).open(f"http://127.0.0.1:{port}/readyz", timeout=60) as answer:
            return bool(answer.status == 200)
    except OSError:  # HTTPError is one
        return False


class Work:
    """Due each second: a webhook is an io worker's, a script a script worker's, its messages are notify's.

    What is due at all is a beat's.
    """

    def __init__(self, robots: Robots, webhook: Webhook) -> None:
        self.script = self._task("script", notify_channels=[self._group(robots) for _ in range(SLOTS + 1)])
        self.calling = self._task("webhook", webhook_url=webhook.url)

    def _task(self, kind: str, **columns: object) -> ScheduledTask:
        fixed = {"cron_expression": "* * * * * *", "overlap_policy": "allow", "execution_type": kind}
        return make.task(timezone.now(), task_name=kind, **fixed | columns)

    def _group(self, robots: Robots) -> int:
        kind, url = "feishu_bot", robots.feishu().url
        group = NotifyChannel(tenant=make.tenant(), channel_name="ops", channel_type=kind, webhook_url=url)
        group.save()
        return group.pk

    def done(self) -> Counter[str]:
        succeeded = Run.objects.filter(status=RunStatus.SUCCESS)
        return Counter(
            script=succeeded.filter(task=self.script).count(),
            webhook=succeeded.filter(task=self.calling).count(),
            messages=Delivery.objects.filter(status=DeliveryStatus.SENT).count(),
        )

    def goes_on(self, times: int) -> None:
        """Returns when each of them has been done so often once more."""
        before = self.done()
        wanted = Counter(dict.fromkeys(before, times))
        eventually(lambda: self.done() - before >= wanted)


def test_every_process_gets_its_connections_back_and_then_no_task_raises(
    processes: Processes, said: Path
) -> None:
    with Robots() as robots, Webhook() as webhook:
        work = Work(robots, webhook)
        running = [
            processes.beat(),
            processes.worker("threads", SLOTS, "io"),
            processes.worker("threads", SLOTS, "notify"),
            processes.worker("prefork", 1, "script"),
            processes.web(port := free_port()),
        ]
        eventually(lambda: is_ready(port))
        for _ in range(TIMES):
            work.goes_on(2 * SLOTS)
            assert kill_all_others()
            work.goes_on(1)
            eventually(lambda: is_ready(port))
            mended = len(said.read_text())
            work.goes_on(3 * SLOTS)
            assert RAISED not in said.read_text()[mended:]
        assert [process.poll() for process in running] == [None] * len(running)
