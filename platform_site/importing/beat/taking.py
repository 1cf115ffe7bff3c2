"""Takes over those periodic tasks of django-celery-beat that call an address, for one tenant."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Model

from platform_site.importing.beat.calls import read_call
from platform_site.importing.beat.dump import TASK, Dump
from platform_site.importing.beat.schedules import schedule_columns
from platform_site.importing.old_row import OldRow
from platform_site.importing.report import Report
from platform_site.importing.row_pass import RowPass
from scheduling.acts import tasks
from scheduling.models import OverlapPolicy, ScheduledTask
from tenants.access import SYSTEM
from tenants.models import Tenant

CELERYS_OWN = "“{name}” runs {task}, which Celery needs itself: leave it there."
PROJECTS_OWN = (
    "“{name}” runs {task}, which is code of your project. It may stay there. To run it from here, give it an address "
    "that starts it, and create a webhook task that calls this."
)
CHECK = "{task} was taken for a {method} of its address. Check in its code that it does nothing else."
SOME_EXPIRE = "Its runs expired if they could not begin in time: set the grace of the task."


class Import(RowPass):
    def __init__(self, source: Dump, tenant: Tenant, now: datetime, *, switch_on: bool) -> None:
        super().__init__(source.key, now, switch_on=switch_on)
        self.dump, self.tenant = source, tenant

    def take(self) -> Report:
        for row in self.dump.tables[TASK].values():
            self.one("tasks", row, self._task)
        return self.report

    def _task(self, row: OldRow) -> Model:
        name, celery_task = row.text("name"), row.text("task")
        request = read_call(row)
        if request is None:
            why = CELERYS_OWN if celery_task.startswith("celery.") else PROJECTS_OWN
            row.refuse("task", why.format(name=name, task=celery_task))
        columns = {
            "timezone": str(row.zone),
            "task_desc": row.text("description")[:500],
            "start_at": row.moment("start_time"),
            "end_at": row.moment("expires"),
            "overlap_policy": OverlapPolicy.ALLOW,
            **request.columns(),
            **schedule_columns(row, self.dump, self.now),
        }
        columns["task_name"] = " ".join(name.split())[:100] or columns["task_name"]
        task = ScheduledTask(tenant=self.tenant, **columns)
        self.note(CHECK.format(task=celery_task, method=task.webhook_method))
        if row.raw("expire_seconds") is not None:
            self.note(SOME_EXPIRE)
        self.note_private(row, "webhook_url", task.webhook_url)
        task.is_enabled = self.is_enabled(row.flag("enabled", default=True))
        task.clean_fields()
        return tasks.create(task, SYSTEM, self.now)
