"""A real Prometheus looks at a platform whose parts are killed, frozen and refused, one after the other.

For each fault the alerts that it is for fire, and no other. Durations are shorter than in production, thresholds not.
"""

from __future__ import annotations

import json
import math
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, build_opener

import pytest
from django.db import connection
from django.db.models import Min
from django.utils import timezone

from notifications.models import Delivery, DeliveryStatus, NotifyChannel
from platform_site.config.data_dir import BASE_DIR
from scheduling.models import UNFINISHED, Run, RunStatus, ScheduledTask
from scheduling.tests import make
from testing.frozen import frozen
from testing.patience import eventually
from testing.ports import free_port
from testing.process_tree import descendants
from testing.processes import Processes
from testing.servers.prometheus import Prometheus
from testing.servers.redis_server import RedisServer
from testing.servers.robots import Robots
from testing.servers.webhook import Webhook
from tests.faults.crew import kill

pytestmark = [
    pytest.mark.services,
    pytest.mark.acceptance,
    pytest.mark.timeout(3600),
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("database server"),  # which one test freezes: no other may need it meanwhile
]
TOKEN = "scrape-me"
EACH, EVERY_FIVE = "* * * * * *", "*/5 * * * * *"
SCRAPES = 8  # longer than any window and any `for` of the rules
LATE = timedelta(seconds=61)  # RunsBeginLate is about a minute
EXPRESSIONS = [
    (panel["title"], target["expr"].replace("$__rate_interval", "1m"))
    for panel in json.loads((BASE_DIR / "deploy/grafana/dashboard.json").read_text())["panels"]
    for target in panel["targets"]
]


class Stand:
    """The platform's processes, what they call, and Prometheus, which looks on."""

    def __init__(self, folder: Path) -> None:
        self.stack, self.web_port = ExitStack(), free_port()
        self.said = folder / "said"
        self.prometheus = Prometheus(free_port(), folder, self.web_port, TOKEN)
        self.webhook, self.robots = Webhook(), Robots()

    def __enter__(self) -> Stand:
        given = {"METRICS_TOKEN": TOKEN, "OUTBOUND_ALLOWED_NETWORKS": "127.0.0.0/8", "LOG_LEVEL": "WARNING"}
        self.processes = self.stack.enter_context(Processes(given, log=self.said))
        for server in (self.webhook, self.robots):
            self.stack.enter_context(server)
        self.beat, self.notify, self.script = self.processes.beat(), self.start_notify(), self.start_script()
        self.processes.worker("threads", 4, "io")
        self.processes.web(self.web_port)
        eventually(self._is_ready)
        self.stack.enter_context(self.prometheus)
        self.look(1)
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def start_notify(self) -> subprocess.Popen[bytes]:
        return self.processes.worker("threads", 4, "notify")

    def start_script(self) -> subprocess.Popen[bytes]:
        return self.processes.worker("prefork", 2, "script")

    def _is_ready(self) -> bool:
        address, opener = f"http://127.0.0.1:{self.web_port}/readyz", build_opener(ProxyHandler({}))
        with suppress(OSError), opener.open(address) as answer:  # HTTPError is one
            return bool(answer.status == 200)
        return False

    @contextmanager
    def only(self, *expected: str, perhaps: str = "") -> Iterator[None]:
        """What fires inside, and until all is quiet again, is exactly this."""
        self.begin = time.time()
        yield
        eventually(lambda: not self.prometheus.firing())
        assert self.prometheus.fired(self.begin) - {perhaps} == set(expected)

    def until(self, *expected: str) -> None:
        """Returns when each of them has fired."""
        eventually(lambda: self.prometheus.fired(self.begin) >= set(expected))

    def look(self, times: int) -> None:
        """Returns when Prometheus has looked that often once more."""
        before = self._looked()
        eventually(lambda: self._looked() >= before + times)

    def _looked(self) -> int:
        found = self.prometheus.query('count_over_time(platform_up{part="redis"}[1h])')
        return int(found[0]["value"][1]) if found else 0


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    with Stand(tmp_path) as made:
        yield made


def every_second(name: str, **columns: Any) -> ScheduledTask:
    return make.task(timezone.now(), task_name=name, cron_expression=EACH, **columns)


def hooking(stand: Stand, name: str, **columns: Any) -> ScheduledTask:
    return every_second(name, execution_type="webhook", webhook_url=stand.webhook.url, **columns)


def telling(name: str, kind: str, url: str, **columns: Any) -> ScheduledTask:
    channel = NotifyChannel(tenant=make.tenant(), channel_name=name, channel_type=kind, webhook_url=url)
    channel.save()
    return make.task(timezone.now(), task_name=name, notify_channels=[channel.pk], **columns)


def end(*tasks: ScheduledTask) -> None:
    """With all that they have left behind."""
    ids = [task.pk for task in tasks]
    ScheduledTask.objects.filter(pk__in=ids).update(is_enabled=False, next_run_at=None)
    waiting = Run.objects.filter(task_id__in=ids, status__in=UNFINISHED)
    waiting.filter(status=RunStatus.RUNNING).update(cancel_requested_at=timezone.now())
    waiting.filter(status=RunStatus.QUEUED).update(status=RunStatus.CANCELED, finished_at=timezone.now())
    Delivery.objects.filter(task_id__in=ids, status=DeliveryStatus.PENDING).delete()


def waits_since(task: ScheduledTask) -> datetime:
    """When the first of its runs was due that has not begun."""
    due = Run.objects.filter(task=task, status=RunStatus.QUEUED).aggregate(first=Min("due_at"))["first"]
    return due or timezone.now()


def database_pid() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@pid_file")
        return int(Path(cursor.fetchone()[0]).read_text())


def test_each_alert_fires_for_its_fault_alone(stand: Stand, redis_server: RedisServer) -> None:
    every_second("script"), hooking(stand, "calling")
    telling("talking", "feishu_bot", stand.robots.feishu().url, cron_expression=EVERY_FIVE)
    with stand.only():
        stand.look(SCRAPES)
        assert empty_panels(stand.prometheus) == {"Runs failed, each minute"}
    what_is_called_fails(stand)
    beat_is_away(stand)
    workers_die(stand)
    with stand.only("PartAway redis"), frozen(redis_server.pid):
        stand.until("PartAway redis")
    with stand.only("MetricsAway"), frozen(database_pid()):
        stand.until("MetricsAway")


def empty_panels(prometheus: Prometheus) -> set[str]:
    """Those with a curve that has no number."""

    def is_empty(expression: str) -> bool:
        return not any(math.isfinite(float(one["value"][1])) for one in prometheus.query(expression))

    return {title for title, expression in EXPRESSIONS if is_empty(expression)}


def what_is_called_fails(stand: Stand) -> None:
    """A webhook's service and a robot; another robot is told too much; sandboxes die."""
    calling = ["RunsFail webhook", "MessagesFail dingtalk_bot", "RobotsTooBusy wecom_bot"]
    with stand.only(*calling, "SandboxesRestart", perhaps="RunsFail script"):
        stand.webhook.answer = (500, {"error": "down"})
        nobodys = f"{stand.robots.base}/robot/send?access_token={'0' * 64}"
        tasks = [
            telling("dead", "dingtalk_bot", nobodys, cron_expression=EVERY_FIVE),
            telling("busy", "wecom_bot", stand.robots.wecom().url, cron_expression=EACH),
        ]
        stand.until(*calling)
        eventually(lambda: kill_sandboxes(stand) and "SandboxesRestart" in stand.prometheus.firing())
        assert not empty_panels(stand.prometheus)
        stand.webhook.answer = (200, {"ok": True})
        end(*tasks)


def kill_sandboxes(stand: Stand) -> bool:
    """Those that are there, once more when scripts have succeeded again."""
    succeeded = Run.objects.filter(execution_type="script", status=RunStatus.SUCCESS)
    for seen in descendants(stand.script.pid):
        if "sandbox.guest" in seen.command:
            kill(seen)
    before = succeeded.count()
    return eventually(lambda: succeeded.count() > before)


def beat_is_away(stand: Stand) -> None:
    """Meanwhile a worker comes whose host lacks a layer of the sandbox."""
    with stand.only("NoBeat", "DueTimesMissed", "SandboxMissing"):
        exact = hooking(stand, "exact", misfire_policy="skip", misfire_grace_seconds=0)
        eventually(lambda: Run.objects.filter(task=exact, status=RunStatus.SUCCESS).exists())
        stand.processes.kill(stand.beat)
        eventually(lambda: not Run.objects.filter(status__in=UNFINISHED, published_at__isnull=False).exists())
        with Processes({**stand.processes.environ, "SANDBOX_MIN_LEVEL": "3"}, log=stand.said) as lacking:
            lacking.worker("prefork", 1, "script")
            stand.until("NoBeat", "SandboxMissing")
        stand.beat = stand.processes.beat()
        stand.until("DueTimesMissed")
        end(exact)


def workers_die(stand: Stand) -> None:
    """With a script under way and messages that wait; then too few are there for what has come due."""
    dead = ["QueueWithoutWorker script", "QueueWithoutWorker notify", "AttemptsLost script", "OutboxStuck"]
    late = ["RunsWait script", "RunsBeginLate"]
    with stand.only(*dead, *late):
        slow = every_second("slow", overlap_policy="allow", script_content="import time; time.sleep(1)")
        eventually(lambda: Run.objects.filter(task=slow, status=RunStatus.RUNNING).exists())
        stand.processes.kill(stand.notify)
        eventually(lambda: Delivery.objects.filter(status=DeliveryStatus.PENDING).exists())
        eventually(lambda: Run.objects.filter(task=slow, status=RunStatus.RUNNING).exists())
        stand.processes.kill(stand.script)
        stand.until(*dead)
        eventually(lambda: waits_since(slow) < timezone.now() - LATE)
        stand.notify, stand.script = stand.start_notify(), stand.start_script()
        stand.until(*late)
        end(slow)
