"""The rules of a storm as rows of the platform, and what its tables say in the end."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from notifications.models import Delivery, NotifyChannel
from scheduling.acts import tasks
from scheduling.models import UNFINISHED, Run, ScheduledTask
from tenants.access import SYSTEM
from testing.callers import tenant
from tests.faults import burst
from tests.faults.outside import DUE, Outside
from tests.faults.rules import KINDS, STAMP, Rule, key_of
from tests.faults.verdict import Row

SCRIPT = f"""
import datetime as dt
key = get_param("key")
if due_at:
    key = key.replace("{DUE}", due_at.astimezone(dt.timezone.utc).strftime("{STAMP}"))
log(key)
http_post(get_param("site"), json={{"key": key}})
result = f"**{{key}}**"
"""
OPEN = ("pending", "sending")


class Tasks:
    """`numbers`: from a task's primary key to its rule's number; `by_hand`: one of each kind, due by itself never."""

    def __init__(self, outside: Outside, rules: list[Rule]) -> None:
        self.outside = outside
        now = timezone.now()
        self.numbers = {self.make(rule, now): rule.number for rule in rules}
        once = {"schedule_type": "once", "run_at": now + timedelta(days=1), "overlap_policy": "allow"}
        self.by_hand = [self._create("by hand", kind, {}, now, **once) for kind in KINDS]

    def make(self, rule: Rule, now: datetime) -> int:
        """As somebody would have done it then."""
        columns: dict[str, Any] = {"end_at": rule.end, "overlap_policy": rule.overlap, "timezone": rule.zone}
        columns |= {"misfire_policy": rule.misfire, "misfire_grace_seconds": rule.grace}
        columns |= rule.columns
        if rule.robot:
            columns["notify_channels"] = [self._channel(rule)]
        key = f"due-{rule.number}-{DUE}"
        return self._create(f"task {rule.number}", rule.kind, {"key": key}, now, **columns)

    def _channel(self, rule: Rule) -> int:
        url = self.outside.robot(rule.robot, rule.number).url
        made = NotifyChannel.objects.create(
            tenant=tenant(),
            channel_name=f"robot {rule.number}",
            channel_type=f"{rule.robot}_bot",
            webhook_url=url,
        )
        return made.pk

    def _create(self, name: str, kind: str, params: dict[str, str], now: datetime, **columns: Any) -> int:
        row = ScheduledTask(
            tenant=tenant(),
            task_name=name,
            execution_type=kind,
            input_params=params | ({"site": self.outside.site.url} if kind == "script" else {}),
            script_content=SCRIPT,
            webhook_url=self.outside.hook.url,
            dify_url=self.outside.dify.url,
            dify_api_key=f"app-{name}",
            window_time_format=STAMP,
            timeout_seconds=600,
            **columns,
        )
        return tasks.create(row, SYSTEM, now).pk

    def rows(self) -> list[Row]:
        deliveries: dict[int | None, list[str]] = defaultdict(list)
        for log_id, status in Delivery.objects.order_by("pk").values_list("log_id", "status"):
            deliveries[log_id].append(status)
        return [
            Row(self._key(run), run.status, run.error_code, run.lost_count, tuple(deliveries[run.pk]))
            for run in demanded().defer("output", "result").iterator()
        ]

    def _key(self, run: Run) -> str:
        if run.due_at is None:
            return str(run.params["key"])
        return key_of(self.numbers[run.task_id], run.due_at)


def demanded() -> QuerySet[Run]:
    """Without those that only measure the speed."""
    return Run.objects.exclude(task_name=burst.NAME)


def counts() -> tuple[int, int, int]:
    """Runs, those of them that are unfinished, and messages that wait."""
    unfinished = demanded().filter(status__in=UNFINISHED).count()
    return demanded().count(), unfinished, Delivery.objects.filter(status__in=OPEN).count()
